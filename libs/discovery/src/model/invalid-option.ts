import { DiscoveryError } from './errors.js';

/** `invalid port 0: use an integer from 1 to 65535`. Long values are cut off. */
export function describeInvalid(name: string, value: unknown, advice: string): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return `invalid ${name} ${text.length > 120 ? `${text.slice(0, 117)}...` : text}: ${advice}`;
}

export function invalidOption(name: string, value: unknown, advice: string): DiscoveryError {
  return new DiscoveryError('INVALID_OPTION', describeInvalid(name, value, advice));
}

/** @throws {DiscoveryError} INVALID_OPTION. */
export function assertInteger(name: string, value: number, min: number, max = 2 ** 31 - 1): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw invalidOption(name, value, `use an integer from ${min} to ${max}`);
}

/** @throws {DiscoveryError} INVALID_OPTION unless `ms` is at least `minMs`, or undefined. */
export function assertDuration(name: string, ms: number | undefined, minMs: number): void {
  if (ms === undefined || ms >= minMs) return;
  throw invalidOption(name, ms, `use ${minMs} ms or more`);
}
