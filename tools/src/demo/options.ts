import { parseArgs } from 'node:util';
import { parseRegistryUrl } from '@rollcall/discovery';

export interface DemoOptions {
  /** `file`, `consul`, `etcd`, or the URL of a registry that runs. */
  readonly registry: string;
  /** How long the load lasts. */
  readonly seconds: number;
  /** How many instances are killed meanwhile. */
  readonly kills: number;
  /** Instances of each service. */
  readonly replicas: number;
  /** Where the report is written as JSON. */
  readonly json?: string;
  /** Stay up after the report. */
  readonly keep: boolean;
}

export const usage = `Usage: npm run demo -- [options]

Starts three services, several instances of each, and an aggregator that calls them; drives load
through it, kills instances with SIGKILL, starts new ones, and counts what the callers noticed.

  --registry R   file (default), consul, etcd, or the URL of one that runs:
                 consul://host:8500, etcd://host:2379, file:///directory
  --seconds N    how long the load lasts, 30 by default
  --kills N      how many instances are killed, one every seconds/(kills+1), 5 by default
  --replicas N   instances of each service, 3 by default
  --json FILE    write the report there too, as JSON
  --keep         stay up after the report, for the browser; Ctrl-C ends it
  --help         this text

For consul and etcd a server is started: the program of CONSUL_BIN or ETCD_BIN, or the one on PATH,
else a container of CONSUL_IMAGE or ETCD_IMAGE.

Exit code 0 when no request failed, 1 when one did, 2 for an option that cannot be meant.
`;

/** An option on the command line that cannot be meant; the message names it, its value and the way out. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * The options on a command line, or `help`.
 * @throws {UsageError} for what is not an option, or has a value out of its range.
 */
export function parseOptions(args: readonly string[]): DemoOptions | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  const seconds = integer('--seconds', values.seconds, 2, 86_400);
  const kills = integer('--kills', values.kills, 0, 1_000);
  if (kills > seconds / 2) {
    throw new UsageError(
      `--kills ${kills} is too many for --seconds ${seconds}; at most one every two seconds, else more die than start`,
    );
  }
  return {
    registry: registry(values.registry),
    seconds,
    kills,
    replicas: integer('--replicas', values.replicas, 1, 50),
    ...(values.json !== undefined && { json: file('--json', values.json) }),
    keep: values.keep,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        registry: { type: 'string', default: 'file' },
        seconds: { type: 'string', default: '30' },
        kills: { type: 'string', default: '5' },
        replicas: { type: 'string', default: '3' },
        json: { type: 'string' },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(message, { cause });
  }
}

function integer(name: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isInteger(number) || number < least || number > most) {
    throw new UsageError(`${name} "${text}" is not usable; write an integer from ${least} to ${most}`);
  }
  return number;
}

function file(name: string, text: string): string {
  if (text === '') throw new UsageError(`${name} "" is not usable; write the name of a file`);
  return text;
}

function registry(text: string): string {
  if (text === 'file' || text === 'consul' || text === 'etcd') return text;
  if (!text.includes('://')) {
    throw new UsageError(`--registry "${text}" is not usable; write file, consul, etcd or a URL`);
  }
  try {
    parseRegistryUrl(text);
    return text;
  } catch (cause) {
    throw new UsageError(`--registry: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
