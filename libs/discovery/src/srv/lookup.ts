import type { Answer, SrvAnswer } from 'dns-packet';
import { DiscoveryError } from '../model/errors.js';
import { type Instance, instanceOfRecord } from '../model/instance.js';
import type { DnsClient } from './dns-client.js';
import { type Question, type Reply, rcodes, sameName } from './message.js';

export interface LookupOptions {
  readonly service: string;
  readonly names: readonly string[];
  readonly family: 4 | 6;
  readonly signal: AbortSignal;
  /** Reports a record that was left out. */
  readonly rejected: (key: string, reason: DiscoveryError) => void;
}

export interface LookupResult {
  /** Sorted by id, without duplicates. */
  readonly instances: readonly Instance[];
  /** How long DNS says that this is valid, in s. 0 where it does not say. */
  readonly ttl: number;
}

interface HostAddress {
  readonly address: string;
  readonly ttl: number;
}

/** How many targets are looked up at the same time: each takes a socket. */
const maxParallelLookups = 8;

/**
 * The instances of a service by its SRV records (RFC 2782). Of several priorities, only the records of the lowest one that has
 * an address are listed. DNS says nothing about health: the next priority takes over when the records of the first are gone.
 * @throws {DiscoveryError} of {@link DnsClient.ask}: unless everything was answered, nothing is known.
 */
export async function lookUp(client: DnsClient, options: LookupOptions): Promise<LookupResult> {
  const { names, signal } = options;
  const replies = await Promise.all(names.map((name) => client.ask({ name, type: 'SRV' }, signal)));
  let ttl = Math.min(...replies.map(ttlOf));
  // A target of "." means that the service is decidedly not available.
  const records = replies.flatMap(srvRecordsOf).filter(({ data }) => data.target !== '.');
  const known = replies.flatMap(({ answers, additionals }) => [...answers, ...additionals]);
  for (const group of byPriority(records)) {
    const addresses = await addressesOfTargets(client, group, known, options);
    const found = [...addresses.values()].flat();
    if (found.length === 0) continue;
    ttl = Math.min(ttl, ...found.map((address) => address.ttl));
    return { instances: instancesOf(group, addresses, options), ttl };
  }
  return { instances: [], ttl };
}

function srvRecordsOf({ rcode, answers }: Reply): readonly SrvAnswer[] {
  return rcode === rcodes.noError ? answers.filter((answer) => answer.type === 'SRV') : [];
}

/** Lowest first. */
function byPriority(records: readonly SrvAnswer[]): readonly (readonly SrvAnswer[])[] {
  const priorityOf = ({ data }: SrvAnswer) => data.priority ?? 0;
  const priorities = [...new Set(records.map(priorityOf))].toSorted((a, b) => a - b);
  return priorities.map((priority) => records.filter((record) => priorityOf(record) === priority));
}

/** Of the answer; of an empty one, that of RFC 2308. */
function ttlOf({ answers, authorities }: Reply): number {
  const ttls = answers.map((answer) => ('ttl' in answer ? (answer.ttl ?? 0) : 0));
  if (ttls.length > 0) return Math.min(...ttls);
  const soa = authorities.find((answer) => answer.type === 'SOA');
  return soa ? Math.min(soa.ttl ?? 0, soa.data.minimum ?? 0) : 0;
}

/** By target. Those that came with the records need no lookup of their own. */
async function addressesOfTargets(
  client: DnsClient,
  group: readonly SrvAnswer[],
  known: readonly Answer[],
  { family, signal, rejected }: LookupOptions,
): Promise<ReadonlyMap<string, readonly HostAddress[]>> {
  const targets = [...new Set(group.map(({ data }) => data.target))];
  const addresses = new Map<string, readonly HostAddress[]>();
  const types = family === 6 ? (['AAAA', 'A'] as const) : (['A', 'AAAA'] as const);
  const resolve = async (target: string) => {
    const attached = known.filter(({ name }) => sameName(name, target));
    for (const type of types) {
      const found = hostAddresses(attached, type);
      if (found.length > 0) return found;
    }
    for (const type of types) {
      const found = hostAddresses(await answersTo(client, { name: target, type }, signal), type);
      if (found.length > 0) return found;
    }
    rejected(`SRV target ${target}`, new DiscoveryError('INVALID_RECORD', `${target} has no address`));
    return [];
  };
  const left = [...targets];
  const work = async () => {
    for (let target = left.pop(); target !== undefined; target = left.pop())
      addresses.set(target, await resolve(target));
  };
  await Promise.all(Array.from({ length: maxParallelLookups }, work));
  return addresses;
}

/** A server that refuses the name of a target does not know it, as Consul does with names outside its domain. */
async function answersTo(
  client: DnsClient,
  question: Question,
  signal: AbortSignal,
): Promise<readonly Answer[]> {
  try {
    const { rcode, answers } = await client.ask(question, signal);
    return rcode === rcodes.noError ? answers : [];
  } catch (error) {
    if (error instanceof DiscoveryError && error.code === 'REGISTRY_REFUSED') return [];
    throw error;
  }
}

/** Under any name: an alias (CNAME) leads to another one. */
function hostAddresses(answers: readonly Answer[], type: 'A' | 'AAAA'): readonly HostAddress[] {
  return answers.flatMap((answer) =>
    answer.type === type ? [{ address: answer.data, ttl: answer.ttl ?? 0 }] : [],
  );
}

function instancesOf(
  group: readonly SrvAnswer[],
  addresses: ReadonlyMap<string, readonly HostAddress[]>,
  { service, rejected }: LookupOptions,
): readonly Instance[] {
  const instances = new Map<string, Instance>();
  for (const { name, data } of group) {
    for (const { address: host } of addresses.get(data.target) ?? []) {
      const id = `${host}:${data.port}`;
      try {
        // RFC 2782 gives a record of weight 0 the share of one of weight 1 beside others.
        const weight = Math.max(1, data.weight ?? 0);
        instances.set(id, instanceOfRecord({ id, service, host, port: data.port, weight }));
      } catch (error) {
        const key = `${name} SRV ${data.target}:${data.port}`;
        rejected(key, DiscoveryError.from(error, 'INVALID_RECORD', key));
      }
    }
  }
  return [...instances.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
