import { addressOf, type Instance } from '../model/instance.js';
import { ownKeys, reservedKeys } from './formats.js';
import { packMetadata } from './metadata.js';
import type { ConsulCheck, ConsulSettings } from './options.js';

/** The metadata key that makes each registration unique. */
export const announcedAtKey = 'rollcall-announced-at';

/**
 * The body of `PUT /v1/agent/service/register`. `announcedAt` (ISO 8601) makes each registration unique: when the record was
 * deleted from the catalogue, the agent considers an equal registration in sync and sends neither the record nor its check
 * (seen on 1.22; the next full sync may be a minute away).
 */
export function writeRecord(instance: Instance, settings: ConsulSettings, announcedAt: string): object {
  const { format } = settings;
  const ownMeta = ownKeys.flatMap((key) => (instance[key] === undefined ? [] : [[key, instance[key]]]));
  const formatMeta = Object.entries(format.meta).map(([key, value]) => [key, value(instance)]);
  return {
    ID: instance.id,
    Name: instance.service,
    Address: instance.host,
    Port: instance.port,
    Tags: [...instance.tags, ...format.tags(instance)],
    Weights: { Passing: instance.weight, Warning: 1 },
    Meta: {
      ...packMetadata(instance.metadata, reservedKeys(format)),
      ...Object.fromEntries([...formatMeta, ...ownMeta]),
      rollcall: format.name,
      [announcedAtKey]: announcedAt,
      ...(instance.registeredAt !== undefined && { 'rollcall-registered-at': String(instance.registeredAt) }),
    },
    ...(format.taggedAddresses && { TaggedAddresses: format.taggedAddresses(instance) }),
    Check: {
      ...writeCheck(instance, settings.check, settings.ttlMs),
      // Checks start critical by default, which would hide the instance until its first run. A draining one starts critical, so
      // that it is never shown as healthy before its maintenance mode is on.
      Status: instance.draining ? 'critical' : 'passing',
      Notes: `announced at ${announcedAt}`,
      ...(settings.deregisterCriticalAfterMs > 0 && {
        DeregisterCriticalServiceAfter: `${settings.deregisterCriticalAfterMs}ms`,
      }),
    },
  };
}

function writeCheck(instance: Instance, check: ConsulCheck, ttlMs: number): object {
  if (check.kind === 'ttl') return { TTL: `${ttlMs}ms` };
  const timing = { Interval: `${check.intervalMs ?? 5_000}ms`, Timeout: `${check.timeoutMs ?? 2_000}ms` };
  const address = addressOf(instance);
  if (check.kind === 'tcp') return { ...timing, TCP: address };
  if (check.kind === 'grpc') {
    const target = check.service === undefined ? address : `${address}/${check.service}`;
    return { ...timing, GRPC: target, GRPCUseTLS: check.tls === true };
  }
  const host = addressOf({ host: instance.host, port: check.port ?? instance.port });
  return { ...timing, HTTP: `${check.tls ? 'https' : 'http'}://${host}${check.path ?? '/healthz'}` };
}
