import { DiscoveryError } from '../model/errors.js';
import { sleep } from '../runtime/timers.js';
import { type Answer, type Connection, excerpt, refusal } from './connection.js';
import type { ConsulSettings } from './options.js';

export interface State {
  /** What the body said. Not to be trusted: anyone may have written it. */
  readonly content: readonly unknown[];
  readonly index: bigint;
  /** The token may not see all of it (Consul 1.11 and newer say so). */
  readonly filtered: boolean;
}

/**
 * A request starts at the earliest so long after the one before it did, in ms, when that one brought nothing new: an
 * endpoint that answers at once, or an index that others move, must not make a loop spin.
 */
const repeatMs = 600;
/** The same for one that did bring something: forty sets a second are plenty, and Consul puts what happens meanwhile into one. */
const changeMs = 25;

/**
 * No node is called that: what is near to it is not sorted. But a query that names a node is answered by the servers, and
 * not from the view that an agent streams to itself since Consul 1.10, which can be another truth: after a restore it was
 * seen to tell for as long as it was asked what the servers had long forgotten, it begins empty after an outage, and with
 * every server gone it is told as if nothing had happened
 * (https://github.com/hashicorp/consul/blob/v1.22.7/agent/rpcclient/health/health.go, `useStreaming`).
 */
const unstreamed = { near: '-' };

/** How long to wait, in ms, before the next request. `tookMs`: since the last one started. */
export function paceMs(changed: boolean, tookMs: number): number {
  return Math.max(0, (changed ? changeMs : repeatMs) - tookMs);
}

/**
 * Asks for a state and then for its changes (https://developer.hashicorp.com/consul/api-docs/features/blocking).
 * Yields the present state first (with `since`: the first one after that index) and then each other one, until `signal` aborts.
 * @throws {DiscoveryError} as soon as one answer is not to be trusted.
 */
export async function* blockingQuery(
  connection: Connection,
  settings: Pick<ConsulSettings, 'waitMs' | 'stale' | 'requestTimeoutMs'>,
  path: string,
  parameters: Readonly<Record<string, string>>,
  signal: AbortSignal,
  since = 0n,
): AsyncGenerator<State> {
  let index = since;
  let known: string | undefined;
  while (!signal.aborted) {
    const startedAt = performance.now();
    const query = new URLSearchParams({ ...parameters, ...unstreamed });
    if (settings.stale) query.set('stale', '');
    if (index > 0n) {
      query.set('index', String(index));
      query.set('wait', `${settings.waitMs}ms`);
    }
    // Consul adds up to a sixteenth of the wait, so that watchers do not move as one.
    const holdMs = index > 0n ? (settings.waitMs * 17) / 16 : 0;
    const what = `GET ${connection.baseUrl}${path}`;
    let answer: Answer;
    try {
      answer = await connection.exchange({
        method: 'GET',
        path: `${path}?${query}`,
        timeoutMs: holdMs + settings.requestTimeoutMs,
        signal,
      });
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (signal.aborted) return;
    if (answer.status !== 200) throw refusal(answer.status, answer.body, what);
    const next = readIndex(answer, what);
    const changed = answer.body !== known;
    known = answer.body;
    if (changed) {
      const filtered = answer.headers['x-consul-results-filtered-by-acls'] === 'true';
      yield { content: parse(answer.body, what), index: next, filtered };
    }
    // Backwards: another store, or an older state of this one. Its marks mean nothing against ours. The same again before
    // its time: a restore ends every wait with what was known before it, and would then be waited for in vain.
    const early = performance.now() - startedAt < settings.waitMs;
    index = next < index || (next === index && early) ? 0n : next;
    await sleep(paceMs(changed, performance.now() - startedAt), signal);
  }
}

function readIndex({ headers, body }: Answer, what: string): bigint {
  const text = headers['x-consul-index'];
  if (typeof text === 'string' && /^[1-9]\d{0,19}$/.test(text)) return BigInt(text);
  throw new DiscoveryError(
    'REGISTRY_UNAVAILABLE',
    `${what}: X-Consul-Index ${JSON.stringify(text) ?? 'is missing'}; is this a Consul agent? It said: ${excerpt(body)}`,
  );
}

function parse(body: string, what: string): readonly unknown[] {
  let content: unknown;
  try {
    content = JSON.parse(body);
  } catch {
    // Told below: what was said says more than where it stopped being JSON.
  }
  if (Array.isArray(content)) return content;
  throw new DiscoveryError('REGISTRY_UNAVAILABLE', `${what}: not a list in JSON: ${excerpt(body)}`);
}
