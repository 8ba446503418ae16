import { parseRegistryUrl } from '@rollcall/discovery';
import { until } from '../processes/condition.js';
import { freePort } from '../processes/free-port.js';
import { binaryHost } from './binary-host.js';
import { consul } from './consul.js';
import { containerHost } from './container-host.js';
import { etcd } from './etcd.js';
import type { Host } from './host.js';
import { locateRegistry, type LocateOptions, type RegistryLocation } from './locate.js';
import {
  RegistryServerError,
  type RegistryKind,
  type RegistryProgram,
  type RegistryServer,
} from './registry-server.js';

export interface StartRegistryOptions extends LocateOptions {
  /** Of loopback; any free one by default. Not for a server that is given. */
  readonly port?: number;
  /** More arguments of the program, after ours. They work for a container and a binary alike. */
  readonly args?: readonly string[];
  /** Consul only: the ACL token to ask with whether it is ready, where `args` switch ACLs on. */
  readonly token?: string;
}

/** An election, or the download of nothing: what is slower is stuck, in ms. */
const readyWithinMs = 30_000;

const programs: Record<RegistryKind, RegistryProgram> = { consul, etcd };

/**
 * A real registry server, ready to be used: it has a leader and answers reads.
 * Ends with this process, whatever happens to it, and leaves no data.
 * @throws {RegistryServerError} NOT_FOUND with what to install, NOT_READY with its last words.
 */
export async function startRegistry(
  kind: RegistryKind,
  options: StartRegistryOptions = {},
): Promise<RegistryServer> {
  return startRegistryAt(await locateRegistry(kind, options), options);
}

/** Like {@link startRegistry}, of a place that {@link locateRegistry} found. */
export async function startRegistryAt(
  location: RegistryLocation,
  { port, args = [], token }: Omit<StartRegistryOptions, keyof LocateOptions> = {},
): Promise<RegistryServer> {
  const program = programs[location.kind];
  const headers = token === undefined ? {} : { 'x-consul-token': token };
  if (location.how === 'given') return givenServer(program, location.url, headers);

  const at = port ?? (await freePort());
  const host =
    location.how === 'container'
      ? await containerHost(program, location.image, at, args)
      : await binaryHost(program, location.path, at, args);
  const origin = `http://${host.address}:${at}`;
  const ready = () => readyVersion(program, origin, headers, host);
  try {
    await host.start();
    const version = await ready();
    return ownServer(program.kind, location.how, version, host, at, ready);
  } catch (error) {
    await host.kill();
    await host.remove();
    throw error;
  }
}

function ownServer(
  kind: RegistryKind,
  how: 'container' | 'binary',
  version: string,
  host: Host,
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
  const [{ host, port } = { host: '127.0.0.1', port: program.defaultPort }] = hosts;
  const origin = `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const notOurs = async () => {
    throw new RegistryServerError('NOT_OURS', `${program.kind} at ${origin} was given, not started here`);
  };
  return {
    kind: program.kind,
    how: 'given',
    version: await readyVersion(program, origin, headers),
    url,
    host,
    port,
    kill: notOurs,
    start: notOurs,
    freeze: notOurs,
    thaw: notOurs,
    stop: async () => {},
  };
}

async function readyVersion(
  program: RegistryProgram,
  origin: string,
  headers: Readonly<Record<string, string>>,
  host?: Host,
): Promise<string> {
  try {
    return await until(
      async () => {
        const ended = await host?.ended();
        if (ended !== undefined) throw new Error(ended);
        return program.probe(origin, headers);
      },
      {
        deadlineMs: readyWithinMs,
        everyMs: 100,
        describe: () => `${program.kind} at ${origin} to have a leader and to answer reads`,
      },
    );
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RegistryServerError('NOT_READY', `${program.kind} did not become ready: ${reason}`, { cause });
  }
}
