import { spawnSync } from 'node:child_process';
import { repositoryRoot } from '../repository-root.js';

/** What a process of this machine needs to take part in the shop that runs in containers. */
export interface ComposedShop {
  readonly registryUrl: string;
  /** The address of this machine that the containers reach, and nothing outside of it. */
  readonly host: string;
}

/** @throws {Error} with what to do, if the shop does not run or its containers cannot reach this machine. */
export function composedShop(): ComposedShop {
  if (process.platform !== 'linux') {
    throw new Error(
      '--compose needs Linux, where containers and their host reach each other; use the shop of "npm run demo -- --keep"',
    );
  }
  const container = docker('compose', 'ps', '--quiet', 'consul');
  if (container === '') throw new Error('the composed shop does not run: docker compose up --build --wait');
  const gateways = docker(
    'inspect',
    '--format',
    '{{range .NetworkSettings.Networks}}{{.Gateway}} {{end}}',
    container,
  );
  const used = docker('compose', 'exec', '-T', 'aggregator', 'printenv', 'REGISTRY_URL');
  if (!used.startsWith('consul:')) {
    throw new Error(`--compose needs Consul, whose port is published; the composed shop uses ${used}`);
  }
  return {
    registryUrl: `consul://${docker('compose', 'port', 'consul', '8500')}`,
    host: gateways.split(' ')[0]!,
  };
}

function docker(...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync('docker', args, {
    cwd: repositoryRoot,
    encoding: 'utf8',
  });
  if (error) throw new Error(`cannot run docker: ${error.message}`, { cause: error });
  if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr.trim()}`);
  return stdout.trim();
}
