import type { Etcd3, IKeyValue } from 'etcd3';
import type { ObservedSet, ObserveSession } from '../backend.js';
import { DiscoveryError } from '../errors.js';
import type { Instance } from '../instance.js';
import { childOf } from '../timer.js';
import { prefixRange } from './keys.js';
import { decodeRecord, parseKey } from './record.js';
import { watchFrom } from './watch-stream.js';

/** One session: a list, then what happens after it. Of what happens between two pulls one set is made. */
export async function* observe(
  etcd: Etcd3,
  prefix: string,
  service: string | undefined,
  { signal, rejected }: ObserveSession,
): AsyncIterable<ObservedSet> {
  const range = prefixRange(service === undefined ? prefix : `${prefix}${service}/`);
  const instances = new Map<string, Instance>();
  // Those that said they drain and went, since the last set: the mark must be seen, also when both came at once.
  const departed: Instance[] = [];
  const take = (kv: IKeyValue) => {
    const text = kv.key.toString();
    const key = parseKey(text.slice(prefix.length));
    if (!key) return;
    try {
      instances.set(text, decodeRecord(key, kv.value));
    } catch (error) {
      instances.delete(text);
      rejected(text, DiscoveryError.from(error, 'INVALID_RECORD', text));
    }
  };
  const remove = (key: string) => {
    const instance = instances.get(key);
    if (instance?.draining) departed.push(instance);
    instances.delete(key);
  };

  const { kvs, header } = await etcd.kv.range(range);
  for (const kv of kvs) take(kv);
  yield { instances: [...instances.values()], revision: header.revision };

  // Events are taken as they come, whether or not somebody asks for a set: a slow reader must not fill a queue.
  const watching = childOf(signal);
  let revision = header.revision;
  let failure: unknown;
  let news = false;
  let wake = () => {};
  const following = (async () => {
    try {
      for await (const response of watchFrom(etcd, range, header, watching.signal)) {
        for (const { type, kv } of response.events) {
          if (type === 'Delete') remove(kv.key.toString());
          else take(kv);
        }
        revision = response.header.revision;
        news = true;
        wake();
      }
    } catch (error) {
      failure = error;
    }
    wake();
  })();
  try {
    while (!signal.aborted) {
      if (failure) throw failure;
      if (news) {
        news = false;
        yield { instances: [...instances.values(), ...departed.splice(0)], revision };
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    watching.dispose();
    watching.abort();
    await following;
  }
}
