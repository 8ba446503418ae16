import type { RetryOptions } from '../../calling/retry-budget.js';
import { assertInteger, invalidOption } from '../../model/invalid-option.js';

/** Settings of a method with a stream. */
export interface StreamMethodOptions {
  /**
   * Timeout of a call without a deadline of its own, in ms: also when its incoming call has more time. Default for unary
   * methods: `defaultTimeoutMs`, unless there is an incoming call. Streams have none by default.
   */
  readonly timeoutMs?: number;
}

/** Settings of a unary method. */
export interface MethodOptions extends StreamMethodOptions {
  /** How calls of the method are retried; `false`: not at all. Default: as set for all methods. */
  readonly retry?: false | Omit<RetryOptions, 'budget'>;
  /**
   * How long an attempt of an idempotent method may take after it was sent, in ms. Then it is cancelled, and the call is sent
   * to another instance, within `maxRetries` and the budget; an attempt that no other may follow goes on until the deadline of the call.
   * Default none: hedging sends a second attempt beside the first one after a time that is learned, and keeps both. Set it where the
   * method has a known limit, so that attempts which exceed it cost their instance no more.
   */
  readonly attemptTimeoutMs?: number;
}

const names: readonly string[] = ['timeoutMs', 'retry', 'attemptTimeoutMs'] satisfies (keyof MethodOptions)[];

const retryNames: readonly string[] = ['maxRetries', 'hedging'] satisfies (keyof RetryOptions)[];

/**
 * The settings of methods by their paths, with the leading slash.
 * @throws {DiscoveryError} INVALID_OPTION.
 */
export function validMethodOptions(
  methods: Readonly<Record<string, MethodOptions>>,
  idempotentMethods: ReadonlySet<string>,
): ReadonlyMap<string, MethodOptions> {
  const byPath = new Map<string, MethodOptions>();
  for (const [name, options] of Object.entries(methods)) {
    const path = toMethodPath('methods', name);
    assertMethodOptions(`methods["${name}"]`, options, idempotentMethods.has(path));
    byPath.set(path, options);
  }
  return byPath;
}

function assertMethodOptions(label: string, options: MethodOptions, idempotent: boolean): void {
  if (typeof options !== 'object' || options === null)
    throw invalidOption(label, options, `use an object of ${names.join(', ')}`);
  for (const name of Object.keys(options)) {
    if (!names.includes(name))
      throw invalidOption(
        `${label}.${name}`,
        options[name as keyof MethodOptions],
        `use ${names.join(', ')}`,
      );
  }
  const { timeoutMs, retry, attemptTimeoutMs } = options;
  if (timeoutMs !== undefined) assertInteger(`${label}.timeoutMs`, timeoutMs, 1);
  if (retry !== undefined && retry !== false) {
    if (typeof retry !== 'object' || retry === null)
      throw invalidOption(`${label}.retry`, retry, 'use false, or { maxRetries, hedging }');
    assertNames(`${label}.retry`, retry, retryNames);
    if (!idempotent) throw invalidOption(`${label}.retry`, retry, notIdempotent);
    if (retry.maxRetries !== undefined) assertInteger(`${label}.retry.maxRetries`, retry.maxRetries, 0, 100);
  }
  if (attemptTimeoutMs === undefined) return;
  assertInteger(`${label}.attemptTimeoutMs`, attemptTimeoutMs, 1);
  if (!idempotent) throw invalidOption(`${label}.attemptTimeoutMs`, attemptTimeoutMs, notIdempotent);
  if (retry === false || retry?.maxRetries === 0)
    throw invalidOption(
      `${label}.attemptTimeoutMs`,
      attemptTimeoutMs,
      'no attempt may follow: use timeoutMs',
    );
}

function assertNames(label: string, options: object, known: readonly string[]): void {
  for (const [name, value] of Object.entries(options))
    if (!known.includes(name)) throw invalidOption(`${label}.${name}`, value, `use ${known.join(', ')}`);
}

const notIdempotent =
  'the method is not idempotent, so it is never sent twice; use timeoutMs, or name it in idempotentMethods';

/** @throws {DiscoveryError} INVALID_OPTION. */
export function toMethodPath(option: string, name: string): string {
  if (!/^\/?[\w.]+\/\w+$/.test(name)) throw invalidOption(option, name, 'use paths, /package.Service/Method');
  return name.startsWith('/') ? name : `/${name}`;
}
