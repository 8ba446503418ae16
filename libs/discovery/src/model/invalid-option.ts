import { printable } from '../runtime/printable.js';
import { DiscoveryError } from './errors.js';

/** `invalid port 0: use an integer from 1 to 65535`. Long values are cut off. */
export function describeInvalid(name: string, value: unknown, advice: string): string {
  return `invalid ${name} ${printable(textOf(value), 120)}: ${advice}`;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 200));
  try {
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

export function invalidOption(name: string, value: unknown, advice: string): DiscoveryError {
  return new DiscoveryError('INVALID_OPTION', describeInvalid(name, value, advice));
}

/** @throws {DiscoveryError} INVALID_OPTION. */
export function assertInteger(name: string, value: number, min: number, max = 2 ** 31 - 1): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw invalidOption(name, value, `use an integer from ${min} to ${max}`);
}

/** @throws {DiscoveryError} INVALID_OPTION unless `ms` is between `minMs` and `maxMs`, or undefined. */
export function assertDuration(name: string, ms: number | undefined, minMs: number, maxMs = Infinity): void {
  if (ms === undefined || (typeof ms === 'number' && ms >= minMs && ms <= maxMs)) return;
  throw invalidOption(
    name,
    ms,
    maxMs === Infinity ? `use ${minMs} ms or more` : `use ${minMs} to ${maxMs} ms`,
  );
}
