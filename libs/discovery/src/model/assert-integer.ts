import { DiscoveryError } from './errors.js';

/** @throws {DiscoveryError} INVALID_OPTION, with the name, the value and what would do. */
export function assertInteger(option: string, value: number, least: number, most = 2 ** 31 - 1): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new DiscoveryError(
      'INVALID_OPTION',
      `${option} ${value} is not usable; use an integer from ${least} to ${most}`,
    );
  }
}
