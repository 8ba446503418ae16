import { DiscoveryError } from '../model/errors.js';
import { addressOf, type Instance } from '../model/instance.js';
import { type Connection, refusal } from './connection.js';
import type { ConsulSettings } from './options.js';
import { type ConsulCheckState, type ConsulService, drainReason, maintenanceIdOf } from './wire.js';

/** What the agent has under the id of an instance before that is written. */
export interface Holder {
  readonly exists: boolean;
  /** An earlier session of this instance put it into maintenance mode to withdraw it, and got no further. */
  readonly wasDraining: boolean;
}

/**
 * A record of the same address is our own, or left by a process that is gone; one whose check is critical belongs to nobody.
 * @throws {DiscoveryError} CONFLICT when another live instance holds the id. Of two, the one that registered first keeps it.
 */
export async function readHolder(
  instance: Instance,
  connection: Connection,
  { requestTimeoutMs }: ConsulSettings,
  signal: AbortSignal,
): Promise<Holder> {
  const path = `/v1/agent/health/service/id/${encodeURIComponent(instance.id)}`;
  const { status, body } = await connection.exchange({
    method: 'GET',
    path,
    timeoutMs: requestTimeoutMs,
    signal,
  });
  if (status === 404) return { exists: false, wasDraining: false };
  const { Service, Checks } = parse(status, body, `GET ${connection.baseUrl}${path}`);
  const maintenance = maintenanceIdOf(instance.id);
  const lives = Checks.every(({ CheckID, Status }) => Status !== 'critical' || CheckID === maintenance);
  if (lives && !describes(Service, instance) && !registeredAfter(Service, instance)) {
    throw conflict(Service, instance);
  }
  const wasDraining = Checks.some(({ CheckID, Notes }) => CheckID === maintenance && Notes === drainReason);
  return { exists: true, wasDraining };
}

/** Whether a record is of this instance: no other one can have its address while it lives. */
export function describes({ Service, Address, Port }: ConsulService, instance: Instance): boolean {
  return Service === instance.service && Address === instance.host && Port === instance.port;
}

export function conflict(
  { Service, Address, Port }: ConsulService,
  { id, service }: Instance,
): DiscoveryError {
  const holder = `${Service} at ${addressOf({ host: Address ?? '', port: Port ?? 0 })}`;
  return new DiscoveryError(
    'CONFLICT',
    `id ${id} of ${service} is held by ${holder}; give each instance an id of its own`,
  );
}

function registeredAfter({ Meta }: ConsulService, { registeredAt = Infinity }: Instance): boolean {
  return Number(Meta?.['rollcall-registered-at']) > registeredAt;
}

interface Answer {
  readonly Service: ConsulService;
  readonly Checks: readonly ConsulCheckState[];
}

/** The status of the answer is that of the service: 200 passing, 429 warning, 503 critical or in maintenance. */
function parse(status: number, body: string, what: string): Answer {
  if (![200, 429, 503].includes(status)) throw refusal(status, body, what);
  try {
    const { Service, Checks } = JSON.parse(body) as Partial<Answer>;
    return { Service: Service ?? {}, Checks: Checks ?? [] };
  } catch {
    throw refusal(status, body, what);
  }
}
