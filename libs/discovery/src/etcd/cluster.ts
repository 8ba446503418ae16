import { randomInt } from 'node:crypto';
import type { DiscoveryError } from '../model/errors.js';
import { sleep } from '../runtime/timers.js';
import { speaksHttp2 } from './handshake.js';
import { Member } from './member.js';
import type { EtcdSettings } from './options.js';

/** How often, and for how long each time, a member is tried whose connection is stuck, in ms. */
const probeEveryMs = 300;
const probeForMs = 500;

/** The members of a cluster, of which one is used until it fails. */
export class Cluster {
  readonly #members: Member[];
  readonly #tls: EtcdSettings['tls'];
  readonly #closed = new AbortController();
  readonly #stuck = new Set<Member>();
  #at: number;

  constructor({ hosts, tls }: Pick<EtcdSettings, 'hosts' | 'tls'>) {
    this.#tls = tls;
    this.#members = hosts.map((host) => new Member(host, tls));
    this.#at = randomInt(hosts.length);
  }

  get member(): Member {
    return this.#members[this.#at]!;
  }

  /** To be called with trouble that a member made: the next one has its turn. */
  turnFrom(member: Member, { code }: DiscoveryError): void {
    if (code !== 'REGISTRY_UNAVAILABLE') return;
    if (this.member === member) this.#at = (this.#at + 1) % this.#members.length;
    void this.#unstick(member);
  }

  close(): void {
    this.#closed.abort();
    for (const member of this.#members) member.close();
  }

  /**
   * grpc-js has no connect timeout (grpc/grpc-node#2785). A connection that was begun in a black hole hangs until the
   * system gives up on it, after two minutes; one that a proxy has accepted and forgotten, for ever. So while one hangs we
   * knock ourselves, and when somebody opens let grpc-js begin anew.
   */
  async #unstick(member: Member): Promise<void> {
    const { signal } = this.#closed;
    if (this.#stuck.has(member)) return;
    this.#stuck.add(member);
    while (!signal.aborted && (await member.isConnecting())) {
      const opens = await speaksHttp2(member.host, this.#tls, probeForMs, signal);
      if (opens && !signal.aborted && (await member.isConnecting())) this.#replace(member);
      else await sleep(probeEveryMs, signal);
    }
    this.#stuck.delete(member);
  }

  #replace(member: Member): void {
    const index = this.#members.indexOf(member);
    if (index >= 0) this.#members[index] = new Member(member.host, this.#tls);
    void member.abandon();
  }
}
