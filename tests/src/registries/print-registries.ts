import { locateRegistry, type RegistryKind, type RegistryVersion } from '@rollcall/tools';

/** Vitest's global setup: prints at the end of a run which registries the tests used. */
export default function setup(): () => Promise<void> {
  return async () => {
    const servers = await Promise.all([
      sourceOf('consul', 'current'),
      sourceOf('etcd', 'current'),
      sourceOf('consul', 'old'),
      sourceOf('etcd', 'old'),
    ]);
    process.stdout.write(`\nRegistries: ${['file (a directory)', ...servers].join(', ')}\n`);
  };
}

async function sourceOf(kind: RegistryKind, version: RegistryVersion): Promise<string> {
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
      return `${name} SKIPPED (unavailable)`;
  }
}
