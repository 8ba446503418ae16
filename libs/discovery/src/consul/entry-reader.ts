import type { ObserveSession } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';
import type { ConsulFormat } from './formats.js';
import { readRecord } from './read-record.js';
import { type ConsulCheckState, type ConsulEntry, maintenanceIdOf } from './api-types.js';

/**
 * - `healthy`: every check is passing or warning.
 * - `draining`: the service or its node is in maintenance mode.
 * - `critical`: a check of the service or its node is critical.
 */
export type Health = 'healthy' | 'draining' | 'critical';

export function healthOf(id: string, checks: readonly ConsulCheckState[]): Health {
  const maintenanceId = maintenanceIdOf(id);
  const isMaintenance = ({ CheckID }: ConsulCheckState) =>
    CheckID === maintenanceId || CheckID === '_node_maintenance';
  if (checks.some(isMaintenance)) return 'draining';
  return checks.every(({ Status }) => Status === 'passing' || Status === 'warning') ? 'healthy' : 'critical';
}

/** The instance in an entry; undefined if it is critical or unreadable. The latter is reported. */
export function readEntry(
  entry: ConsulEntry,
  format: ConsulFormat,
  rejected: ObserveSession['rejected'],
): Instance | undefined {
  try {
    const { Node = {}, Service = {}, Checks } = entry;
    const health = healthOf(Service.ID ?? '', Checks ?? []);
    if (health === 'critical') return undefined;
    const instance = readRecord(Service, Node, format);
    return health === 'draining' ? Object.freeze({ ...instance, draining: true }) : instance;
  } catch (error) {
    const key = `${entry?.Node?.Node}/${entry?.Service?.ID}`;
    rejected(key, DiscoveryError.from(error, 'INVALID_RECORD', key));
    return undefined;
  }
}
