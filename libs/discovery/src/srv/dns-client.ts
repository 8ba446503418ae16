import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { DiscoveryError } from '../model/errors.js';
import { childAbortController, startTimer } from '../runtime/timers.js';
import { exchange } from './exchange.js';
import type { DnsCodec, Question, Reply } from './message.js';
import type { DnsServer, SrvSettings } from './options.js';
import { systemServers } from './system-servers.js';

type Address = Required<DnsServer>;

/** Asks several DNS servers. Not Node's own resolver, which does not report the TTL of SRV records. */
export class DnsClient {
  readonly #settings: Pick<SrvSettings, 'servers' | 'requestTimeoutMs'>;

  readonly #codec: DnsCodec;

  constructor(codec: DnsCodec, settings: Pick<SrvSettings, 'servers' | 'requestTimeoutMs'>) {
    this.#codec = codec;
    this.#settings = settings;
  }

  /**
   * The first answer of any server. The next one is asked when the last one has failed, up to two times each, or has not
   * answered for a while, until `signal` aborts: datagrams get lost. A slow answer still counts.
   * @throws {DiscoveryError} the last error; what `signal` was aborted with.
   */
  async ask(question: Question, signal: AbortSignal): Promise<Reply> {
    const servers = await untilAborted(this.#addresses(), signal);
    const asking = childAbortController(signal);
    let cancelNext = () => {};
    try {
      return await new Promise<Reply>((resolve, reject) => {
        let [started, failed] = [0, 0];
        const start = () => {
          cancelNext();
          cancelNext = startTimer(this.#settings.requestTimeoutMs, start);
          const server = servers[started++ % servers.length]!;
          exchange(this.#codec, server, question, asking.signal).then(resolve, (error: Error) => {
            failed += 1;
            if (failed < 2 * servers.length && !asking.signal.aborted) start();
            else if (failed === started) reject(error);
          });
        };
        start();
      });
    } finally {
      cancelNext();
      asking.abort();
      asking.dispose();
    }
  }

  async #addresses(): Promise<readonly Address[]> {
    const { servers } = this.#settings;
    if (servers.length === 0) return systemServers();
    const addresses = await Promise.all(servers.map(addressesOf));
    return addresses.flat();
  }
}

async function addressesOf({ host, port }: Address): Promise<readonly Address[]> {
  if (isIP(host)) return [{ host, port }];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => ({ host: address, port }));
  } catch (error) {
    throw DiscoveryError.from(error, 'REGISTRY_UNAVAILABLE', `DNS server ${host}`);
  }
}

/** The system's own lookups have no deadline. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
