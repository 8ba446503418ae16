import { listTimeoutMs } from '../backend/backend-options.js';
import { DiscoveryError } from '../model/errors.js';
import { sleep } from '../runtime/timers.js';
import { type Connection, errorOfStatus, excerpt, type Request, type Response } from './connection.js';
import { ListReader } from './list-reader.js';
import type { ConsulSettings } from './options.js';

export interface Query<T> {
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Called for each element that has changed. Untrusted: anyone may have written it. */
  readonly read: (element: unknown) => T;
  readonly signal: AbortSignal;
  /** Default 0. */
  readonly since?: bigint;
}

export interface QueryResult<T> {
  /** What was read from each element; from an unchanged one, the same object as before. */
  readonly content: readonly T[];
  readonly index: bigint;
  /** Whether entries are left out that the token may not read (reported by Consul 1.11 and newer). */
  readonly filtered: boolean;
}

/**
 * The shortest time between the starts of two requests, in ms, when the first one returned nothing new: an endpoint that
 * responds at once, or an index that unrelated writes increase, must not cause a busy loop.
 */
const unchangedIntervalMs = 600;
/** The same when it returned a change. Consul combines the changes in between. */
const changedIntervalMs = 25;

/**
 * No node has this name, so nothing is sorted. But queries with `near` bypass the agent's streaming view (Consul 1.10 and
 * newer), which can be stale or wrong: after a restore it returned deleted records indefinitely, after an outage it starts
 * empty, and without any server it reports no error
 * (https://github.com/hashicorp/consul/blob/v1.22.7/agent/rpcclient/health/health.go, `useStreaming`).
 */
const withoutStreaming = { near: '-' };

/** Delay before the next request, in ms. `elapsedMs`: since the last one started. */
export function queryDelayMs(changed: boolean, elapsedMs: number): number {
  return Math.max(0, (changed ? changedIntervalMs : unchangedIntervalMs) - elapsedMs);
}

/**
 * Runs blocking queries (https://developer.hashicorp.com/consul/api-docs/features/blocking) until `signal` aborts. Yields
 * the current result first (with `since`: the first one after that index), then each change.
 * @throws {DiscoveryError} on the first invalid response.
 */
export async function* blockingQuery<T>(
  connection: Connection,
  settings: Pick<ConsulSettings, 'waitMs' | 'stale' | 'requestTimeoutMs'>,
  { path, parameters, read, signal, since = 0n }: Query<T>,
): AsyncGenerator<QueryResult<T>> {
  const reader = new ListReader(read);
  let index = since;
  while (!signal.aborted) {
    const startedAt = performance.now();
    const query = new URLSearchParams({ ...parameters, ...withoutStreaming });
    if (settings.stale) query.set('stale', '');
    if (index > 0n) {
      query.set('index', String(index));
      query.set('wait', `${settings.waitMs}ms`);
    }
    // Consul adds a jitter of up to a sixteenth of the wait.
    const blockedMs = (settings.waitMs * 17) / 16;
    const { requestTimeoutMs } = settings;
    const timeoutMs = index > 0n ? blockedMs + requestTimeoutMs : listTimeoutMs(requestTimeoutMs);
    const what = `GET ${connection.baseUrl}${path}`;
    let state: ListState<T>;
    try {
      const request = { method: 'GET', path: `${path}?${query}`, timeoutMs, signal } as const;
      state = await readState(connection, request, reader, what);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (signal.aborted) return;
    const { content, index: next, filtered } = state;
    if (content) yield { content, index: next, filtered };
    // A lower index means another store or an older state: start over, as Consul documents. An unchanged index before the wait
    // is over means a restore, which ends every wait with the old state; waiting for a later index could then miss the new one.
    const isEarly = performance.now() - startedAt < settings.waitMs;
    index = next < index || (next === index && isEarly) ? 0n : next;
    await sleep(queryDelayMs(content !== undefined, performance.now() - startedAt), signal);
  }
}

interface ListState<T> extends Omit<QueryResult<T>, 'content'> {
  /** Undefined if nothing has changed. */
  readonly content: readonly T[] | undefined;
}

/** In a function of its own, so that the suspended generator does not refer to the text of the response. */
async function readState<T>(
  connection: Connection,
  request: Request,
  reader: ListReader<T>,
  what: string,
): Promise<ListState<T>> {
  const response = await connection.send(request);
  const { status, headers, body } = response;
  if (status !== 200) throw errorOfStatus(status, body.toString(), what);
  const index = readIndex(response, what);
  const filtered = headers['x-consul-results-filtered-by-acls'] === 'true';
  return { content: readContent(reader, response, what), index, filtered };
}

function readIndex({ headers, body }: Response, what: string): bigint {
  const text = headers['x-consul-index'];
  if (typeof text === 'string' && /^[1-9]\d{0,19}$/.test(text)) return BigInt(text);
  throw new DiscoveryError(
    'REGISTRY_UNAVAILABLE',
    `${what}: X-Consul-Index ${JSON.stringify(text) ?? 'is missing'}; is this a Consul agent? Response: ${excerpt(body.toString())}`,
  );
}

/** Undefined if nothing has changed. */
function readContent<T>(reader: ListReader<T>, { body }: Response, what: string): readonly T[] | undefined {
  try {
    return reader.read(body);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const text = excerpt(body.toString());
    throw new DiscoveryError('REGISTRY_UNAVAILABLE', `${what}: not a JSON list: ${text}`);
  }
}
