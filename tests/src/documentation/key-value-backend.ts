import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Backend, defineInstance, DiscoveryError, type Instance } from '@rollcall/discovery';
import type { ObservedSet, ObserveSession, OwnRecord } from '@rollcall/discovery';

/** The store deletes a record that was not written for this time, in ms. */
const ttlMs = 3_000;
/** How often a list is read, in ms: the store has no watch. */
const pollMs = 100;
const requestTimeoutMs = 2_000;

type Entry = { readonly key: string; readonly version: string; readonly value: string };
/** `owner` is the handle that keeps the record alive. */
type StoredRecord = { readonly instance: Instance; readonly owner: string };

/** A key-value store over HTTP, with a TTL for each key and conditional writes. */
export function keyValueBackend(host: string, port: number): Backend {
  const owner = randomUUID();

  async function request(path: string, signal: AbortSignal, init: RequestInit = {}): Promise<string> {
    try {
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]);
      const response = await fetch(`http://${host}:${port}/${path}`, { ...init, signal: deadline });
      if (response.status === 412)
        throw new DiscoveryError('CONFLICT', `${path} was written by another process`);
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      return await response.text();
    } catch (error) {
      throw DiscoveryError.from(error, 'REGISTRY_UNAVAILABLE', path);
    }
  }

  const list = async (prefix: string, signal: AbortSignal) =>
    JSON.parse(await request(prefix, signal)) as Entry[];

  async function* observe(prefix: string, { signal, rejected }: ObserveSession): AsyncGenerator<ObservedSet> {
    try {
      for (; !signal.aborted; await sleep(pollMs, undefined, { signal })) {
        const entries = await list(prefix, signal);
        yield { instances: entries.flatMap((entry) => toInstance(entry, rejected)) };
      }
    } catch (error) {
      // The end of a session is not a failure.
      if (!signal.aborted) throw error;
    }
  }

  function ownRecord({ service, id }: Instance): OwnRecord {
    const key = `${service}/${id}`;
    const read = async (signal: AbortSignal) => {
      const [entry] = await list(key, signal);
      return entry && { ...(JSON.parse(entry.value) as StoredRecord), version: entry.version };
    };
    /** Fails with CONFLICT if the record is no longer in the version that was read. */
    const put = async (instance: Instance, version: string | undefined, signal: AbortSignal) => {
      const headers = { 'if-match': version ?? 'none', 'ttl-ms': String(ttlMs) };
      await request(key, signal, { method: 'PUT', headers, body: JSON.stringify({ instance, owner }) });
    };
    const readOwn = async (signal: AbortSignal) => {
      const record = await read(signal);
      if (!record) throw new DiscoveryError('REGISTRATION_LOST', `${key} was deleted`);
      if (record.owner !== owner) throw new DiscoveryError('CONFLICT', `${key} has another owner`);
      return record;
    };
    return {
      async write(instance, signal) {
        const existing = await read(signal);
        const wasFirst = (existing?.instance.registeredAt ?? 0) > (instance.registeredAt ?? 0);
        if (existing && existing.owner !== owner && !wasFirst)
          throw new DiscoveryError('CONFLICT', `${key} belongs to another process`);
        await put(instance, existing?.version, signal);
      },
      async keep(signal) {
        try {
          for (; !signal.aborted; await sleep(ttlMs / 3, undefined, { signal })) {
            const { instance, version } = await readOwn(signal);
            await put(instance, version, signal);
          }
        } catch (error) {
          if (!signal.aborted) throw error;
        }
      },
      async markDraining(signal) {
        const { instance, version } = await readOwn(signal);
        await put({ ...instance, draining: true }, version, signal);
      },
      async remove(signal) {
        const record = await read(signal);
        if (record?.owner !== owner) return;
        await request(key, signal, { method: 'DELETE', headers: { 'if-match': record.version } });
      },
    };
  }

  return {
    scheme: 'kv',
    location: `kv://${host}:${port}`,
    hosts: [host],
    ownRecord,
    observe: (service, session) => observe(`${service}/`, session),
    observeAll: (session) => observe('', session),
    close: async () => {},
  };
}

/** An unreadable record is left out alone. */
function toInstance({ key, value }: Entry, rejected: ObserveSession['rejected']): Instance[] {
  try {
    return [defineInstance((JSON.parse(value) as StoredRecord).instance)];
  } catch (error) {
    rejected(key, DiscoveryError.from(error, 'INVALID_RECORD', key));
    return [];
  }
}
