import { DiscoveryError } from '../model/errors.js';
import { addressOf, type Instance } from '../model/instance.js';
import { type Connection, errorOfStatus } from './connection.js';
import type { ConsulSettings } from './options.js';
import { type ConsulCheckState, type ConsulService, drainReason, maintenanceIdOf } from './api-types.js';

/** The record that the agent has under the id of an instance before it is written. */
export interface Holder {
  /** Whether an interrupted deregistration left it in maintenance mode. */
  readonly wasDraining: boolean;
}

/**
 * A record with our address is ours or a leftover of a dead process; a critical one has no owner.
 * @throws {DiscoveryError} CONFLICT when another live instance owns the id. Of two, the one that registered first keeps it.
 */
export async function readHolder(
  instance: Instance,
  connection: Connection,
  { requestTimeoutMs }: ConsulSettings,
  signal: AbortSignal,
): Promise<Holder> {
  const path = `/v1/agent/health/service/id/${encodeURIComponent(instance.id)}`;
  const { status, body } = await connection.send({
    method: 'GET',
    path,
    timeoutMs: requestTimeoutMs,
    signal,
  });
  if (status === 404) return { wasDraining: false };
  const { Service, Checks } = parse(status, body.toString(), `GET ${connection.baseUrl}${path}`);
  const maintenance = maintenanceIdOf(instance.id);
  const isAlive = Checks.every(({ CheckID, Status }) => Status !== 'critical' || CheckID === maintenance);
  if (isAlive && !isRecordOf(Service, instance) && !registeredAfter(Service, instance)) {
    throw conflict(Service, instance);
  }
  const wasDraining = Checks.some(({ CheckID, Notes }) => CheckID === maintenance && Notes === drainReason);
  return { wasDraining };
}

/** Whether a record is of this instance: no other live one can have its address. */
export function isRecordOf({ Service, Address, Port }: ConsulService, instance: Instance): boolean {
  return Service === instance.service && Address === instance.host && Port === instance.port;
}

export function conflict(
  { Service, Address, Port }: ConsulService,
  { id, service }: Instance,
): DiscoveryError {
  const owner = `${Service} at ${addressOf({ host: Address ?? '', port: Port ?? 0 })}`;
  return new DiscoveryError(
    'CONFLICT',
    `id ${id} of ${service} is owned by ${owner}: use a unique id for each instance`,
  );
}

function registeredAfter({ Meta }: ConsulService, { registeredAt = Infinity }: Instance): boolean {
  return Number(Meta?.['rollcall-registered-at']) > registeredAt;
}

interface ServiceHealth {
  readonly Service: ConsulService;
  readonly Checks: readonly ConsulCheckState[];
}

/** The HTTP status is that of the service: 200 passing, 429 warning, 503 critical or in maintenance. */
function parse(status: number, body: string, what: string): ServiceHealth {
  if (![200, 429, 503].includes(status)) throw errorOfStatus(status, body, what);
  try {
    const { Service, Checks } = JSON.parse(body) as Partial<ServiceHealth>;
    return { Service: Service ?? {}, Checks: Checks ?? [] };
  } catch {
    throw errorOfStatus(status, body, what);
  }
}
