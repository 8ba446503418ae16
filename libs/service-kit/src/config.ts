import { randomBytes } from 'node:crypto';
import { defaultRegistryUrl, parseRegistryUrl, redactUrl } from '@rollcall/discovery';
import { z } from 'zod';

const logLevels = ['verbose', 'debug', 'log', 'warn', 'error', 'fatal'] as const;

const port = z.coerce.number().int().min(0).max(65_535);

/** Every variable that a service reads, in one place. An empty one counts as not set. */
const environment = z.object({
  REGISTRY_URL: z.string().default(defaultRegistryUrl).superRefine(mustParse),
  /** Address to bind. Nothing listens wider than asked: `0.0.0.0` must be said. */
  HOST: z.string().default('127.0.0.1'),
  /** 0 takes any free port. */
  PORT: port.optional(),
  ADVERTISE_ADDRESS: z.string().optional(),
  POD_IP: z.string().optional(),
  INSTANCE_ID: z.string().optional(),
  VERSION: z.string().optional(),
  ZONE: z.string().optional(),
  WEIGHT: z.coerce.number().int().min(1).max(65_535).optional(),
  LOG_LEVEL: z.enum(logLevels).default('log'),
  /** How long what is in flight may take once the service was told to end, in ms. */
  DRAIN_TIMEOUT_MS: z.coerce.number().int().min(0).max(600_000).default(10_000),
});

export type LogLevel = (typeof logLevels)[number];

export interface ServiceConfig {
  readonly service: string;
  readonly registryUrl: string;
  readonly host: string;
  readonly port: number;
  readonly advertiseAddress?: string | undefined;
  readonly instanceId: string;
  readonly version?: string | undefined;
  readonly zone?: string | undefined;
  readonly weight?: number | undefined;
  /** The level named and all that are graver. */
  readonly logLevels: LogLevel[];
  readonly drainTimeoutMs: number;
}

/** An environment that cannot be meant. Ends the process at boot, before anything listens. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** @throws {ConfigError} naming each variable and its value. */
export function readConfig(
  service: string,
  defaultPort: number,
  env: NodeJS.ProcessEnv = process.env,
): ServiceConfig {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = environment.safeParse(set);
  if (!result.success) {
    const faults = result.error.issues.map(({ path, message }) => {
      const name = String(path[0]);
      return `${name}=${redactUrl(JSON.stringify(env[name]) ?? '')}: ${message}`;
    });
    throw new ConfigError(`the environment is not usable\n  ${faults.join('\n  ')}`);
  }
  const config = result.data;
  return {
    service,
    registryUrl: config.REGISTRY_URL,
    host: config.HOST,
    port: config.PORT ?? defaultPort,
    advertiseAddress: config.ADVERTISE_ADDRESS ?? config.POD_IP,
    instanceId: config.INSTANCE_ID ?? `${service}-${randomBytes(4).toString('hex')}`,
    version: config.VERSION,
    zone: config.ZONE,
    weight: config.WEIGHT,
    logLevels: logLevels.slice(logLevels.indexOf(config.LOG_LEVEL)),
    drainTimeoutMs: config.DRAIN_TIMEOUT_MS,
  };
}

function mustParse(url: string, context: z.RefinementCtx): void {
  try {
    parseRegistryUrl(url);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
  }
}
