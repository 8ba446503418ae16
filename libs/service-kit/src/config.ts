import { randomBytes } from 'node:crypto';
import { defaultRegistryUrl, parseRegistryUrl, redactUrl } from '@rollcall/discovery';
import { z } from 'zod';
import { parseInteger } from './requests/parse-integer.js';

const logLevels = ['verbose', 'debug', 'log', 'warn', 'error', 'fatal'] as const;

/** An environment variable with a whole number, in decimal digits. */
export function integerVariable(min: number, max: number) {
  const valid = (text: string) => parseInteger(text) >= min && parseInteger(text) <= max;
  return z.string().refine(valid, `use a whole number from ${min} to ${max}`).transform(parseInteger);
}

const flag = z.enum(['on', 'off']).transform((value) => value === 'on');

/** Every environment variable of a service. An empty one counts as unset. */
const environment = z.object({
  /** The registry. Default: a directory for each user of a machine. */
  REGISTRY_URL: z.string().default(defaultRegistryUrl).superRefine(checkRegistryUrl),
  /** The address to bind. Set `0.0.0.0` to listen on all. */
  HOST: z.string().default('127.0.0.1'),
  /** The port to bind. 0 takes any free port. Default: 0 for gRPC, 8080 for the aggregator. */
  PORT: integerVariable(0, 65_535).optional(),
  /** The address that callers connect to. Default: `POD_IP`, else the local address of the route to the registry. */
  ADVERTISE_ADDRESS: z.string().optional(),
  /** Used where ADVERTISE_ADDRESS is unset. Kubernetes can set it from `status.podIP`. */
  POD_IP: z.string().optional(),
  /** Unique for each start of a process. Default: the service name and eight random hex digits. */
  INSTANCE_ID: z.string().optional(),
  /** `version` of the instance. Default: none. */
  VERSION: z.string().optional(),
  /** `zone` of the instance. Default: none. */
  ZONE: z.string().optional(),
  /** `weight` of the instance. Default: 1. */
  WEIGHT: integerVariable(1, 65_535).optional(),
  /** Lines of this level and of more severe ones are logged. */
  LOG_LEVEL: z.enum(logLevels).default('log'),
  /** How long calls in flight may take after a shutdown began, in ms. */
  DRAIN_TIMEOUT_MS: integerVariable(0, 600_000).default(10_000),
  /** The least time between NOT_SERVING and the end of listening, in ms: for load balancers that check health rarely. */
  SHUTDOWN_DELAY_MS: integerVariable(0, 600_000).default(0),
  /** Server reflection of gRPC services: `grpcurl` works without the proto files. */
  GRPC_REFLECTION: flag.default(true),
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
  /** `LOG_LEVEL` and all more severe levels. */
  readonly logLevels: LogLevel[];
  readonly drainTimeoutMs: number;
  readonly shutdownDelayMs: number;
  readonly grpcReflection: boolean;
}

/** The environment is invalid. Fails the start, before anything listens. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** @throws {ConfigError} naming each invalid variable and its value. */
export function readConfig(
  service: string,
  defaultPort: number,
  env: NodeJS.ProcessEnv = process.env,
): ServiceConfig {
  const nonEmpty = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = environment.safeParse(nonEmpty);
  if (!result.success) {
    const problems = result.error.issues.map(({ path, message }) => {
      const name = String(path[0]);
      return `${name}=${redactUrl(JSON.stringify(env[name]) ?? '')}: ${message}`;
    });
    throw new ConfigError(`invalid environment\n  ${problems.join('\n  ')}`);
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
    shutdownDelayMs: config.SHUTDOWN_DELAY_MS,
    grpcReflection: config.GRPC_REFLECTION,
  };
}

function checkRegistryUrl(url: string, context: z.RefinementCtx): void {
  try {
    parseRegistryUrl(url);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
  }
}
