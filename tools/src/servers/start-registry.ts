import { parseRegistryUrl } from '@rollcall/discovery';
import { freePort } from '../processes/free-port.js';
import { until } from '../processes/until.js';
import { binaryHost } from './binary-host.js';
import { consul } from './consul.js';
import { containerHost } from './container-host.js';
import { etcd } from './etcd.js';
import { locateRegistry, type LocateOptions, type RegistryLocation } from './locate-registry.js';
import type { RegistryProgram } from './registry-program.js';
import { RegistryServerError, type RegistryKind, type RegistryServer } from './registry-server.js';
import type { ServerHost } from './server-host.js';

export interface StartRegistryOptions extends LocateOptions {
  /** The port on loopback; any free one by default. Not for a given server. */
  readonly port?: number;
  /** Extra arguments, after the default ones; for containers and binaries alike. */
  readonly args?: readonly string[];
  /** Consul only: the ACL token for readiness probes, where `args` switch ACLs on. */
  readonly token?: string;
}

/** Covers a start and a leader election; the image is already there. */
const readyTimeoutMs = 30_000;

const programs: Record<RegistryKind, RegistryProgram> = { consul, etcd };

/**
 * Starts a real registry server. Resolves when it has a leader and serves reads.
 * The server ends with this process, even when this process is killed, and leaves no data.
 * @throws {RegistryServerError} NOT_FOUND with what to install, NOT_READY with the server's last lines of output.
 */
export async function startRegistry(
  kind: RegistryKind,
  options: StartRegistryOptions = {},
): Promise<RegistryServer> {
  return startRegistryAt(await locateRegistry(kind, options), options);
}

/** Like {@link startRegistry}, for a location from {@link locateRegistry}. */
export async function startRegistryAt(
  location: RegistryLocation,
  { port, args = [], token }: Omit<StartRegistryOptions, keyof LocateOptions> = {},
): Promise<RegistryServer> {
  const program = programs[location.kind];
  const headers = token === undefined ? {} : { 'x-consul-token': token };
  if (location.how === 'given') return givenServer(program, location.url, headers);

  const hostPort = port ?? (await freePort());
  const host =
    location.how === 'container'
      ? await containerHost(program, location.image, hostPort, args)
      : await binaryHost(program, location.path, hostPort, args);
  const origin = `http://${host.address}:${hostPort}`;
  const ready = () => readyVersion(program, origin, headers, host);
  try {
    await host.start();
    const version = await ready();
    return startedServer(program.kind, location.how, version, host, hostPort, ready);
  } catch (error) {
    await host.kill();
    await host.remove();
    throw error;
  }
}

function startedServer(
  kind: RegistryKind,
  how: 'container' | 'binary',
  version: string,
  host: ServerHost,
  port: number,
  ready: () => Promise<string>,
): RegistryServer {
  return {
    kind,
    how,
    version,
    url: `${kind}://${host.address}:${port}`,
    host: host.address,
    port,
    kill: () => host.kill(),
    async start({ wipe = false } = {}) {
      await host.kill();
      if (wipe) await host.wipe();
      await host.start();
      await ready();
    },
    freeze: () => host.freeze(),
    thaw: () => host.thaw(),
    async stop() {
      await host.kill();
      await host.remove();
    },
  };
}

async function givenServer(
  program: RegistryProgram,
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<RegistryServer> {
  const { hosts, tls } = parseRegistryUrl(url);
  const [{ host, port = program.defaultPort } = { host: '127.0.0.1' }] = hosts;
  const origin = `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const refuse = async () => {
    throw new RegistryServerError('NOT_OURS', `${program.kind} at ${origin} was not started by this process`);
  };
  return {
    kind: program.kind,
    how: 'given',
    version: await readyVersion(program, origin, headers),
    url,
    host,
    port,
    kill: refuse,
    start: refuse,
    freeze: refuse,
    thaw: refuse,
    stop: async () => {},
  };
}

async function readyVersion(
  program: RegistryProgram,
  origin: string,
  headers: Readonly<Record<string, string>>,
  host?: ServerHost,
): Promise<string> {
  try {
    return await until(
      async () => {
        const exitReason = await host?.exitReason();
        if (exitReason !== undefined) throw new Error(exitReason);
        return program.probe(origin, headers);
      },
      {
        deadlineMs: readyTimeoutMs,
        everyMs: 100,
        describe: () => `${program.kind} at ${origin} to have a leader and serve reads`,
      },
    );
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RegistryServerError('NOT_READY', `${program.kind} did not become ready: ${reason}`, { cause });
  }
}
