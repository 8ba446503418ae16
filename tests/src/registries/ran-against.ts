import { locateRegistry, type RegistryKind, type RegistryVersion } from '@rollcall/tools';

/** Vitest's global setup: at the end of a run, says which registries the tests had. */
export default function setup(): () => Promise<void> {
  return async () => {
    const servers = await Promise.all([
      whereabouts('consul', 'current'),
      whereabouts('etcd', 'current'),
      whereabouts('consul', 'old'),
      whereabouts('etcd', 'old'),
    ]);
    process.stdout.write(`\nRegistries: ${['file (a directory)', ...servers].join(', ')}\n`);
  };
}

async function whereabouts(kind: RegistryKind, version: RegistryVersion): Promise<string> {
  const name = version === 'old' ? `old ${kind}` : kind;
  const location = await locateRegistry(kind, { version }).catch(() => undefined);
  switch (location?.how) {
    case 'given':
      return `${name} (given)`;
    case 'container':
      return `${name} (container ${location.image})`;
    case 'binary':
      return `${name} (${location.path})`;
    case undefined:
      return `${name} SKIPPED (none to be had)`;
  }
}
