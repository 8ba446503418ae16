import { parseArgs } from 'node:util';
import { parseRegistryUrl } from '@rollcall/discovery';
import { UsageError } from '../usage-error.js';

export interface DemoOptions {
  /** `file`, `consul`, `etcd`, or the URL of a running registry. */
  readonly registry: string;
  /** The duration of the load. */
  readonly seconds: number;
  /** How many instances are killed during the load. */
  readonly kills: number;
  /** Instances of each service. */
  readonly replicas: number;
  /** The file for the report as JSON. */
  readonly json?: string;
  /** Keep running after the report. */
  readonly keep: boolean;
}

export const usage = `Usage: npm run demo -- [options]

Starts three services, several instances of each, and an aggregator that calls them. Sends requests
to the aggregator, kills instances with SIGKILL and replaces them, and reports failed requests, the
latency and the longest gap after each kill.

  --registry R   file (default), consul, etcd, or the URL of a running registry:
                 consul://host:8500, etcd://host:2379, file:///directory
  --seconds N    duration of the load; 30 by default
  --kills N      instances to kill, one every seconds/(kills+1); 5 by default
  --replicas N   instances of each service; 3 by default
  --json FILE    also write the report to FILE, as JSON
  --keep         keep running after the report, to use the page; Ctrl-C stops it
  --help         show this text

consul and etcd start a server: the binary CONSUL_BIN or ETCD_BIN, else the one on PATH, else a
container of CONSUL_IMAGE or ETCD_IMAGE.

Exit codes: 0 no request failed, 1 a request failed or the demo did, 2 invalid options.
`;

/** @throws {UsageError} for an unknown option or an invalid value. */
export function parseOptions(args: readonly string[]): DemoOptions | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  const seconds = integer('--seconds', values.seconds, 2, 86_400);
  const kills = integer('--kills', values.kills, 0, 1_000);
  if (kills > seconds / 2) {
    throw new UsageError(
      `invalid --kills ${kills}: use at most ${Math.floor(seconds / 2)} for --seconds ${seconds}, as a replacement needs two seconds to start`,
    );
  }
  return {
    registry: registry(values.registry),
    seconds,
    kills,
    replicas: integer('--replicas', values.replicas, 1, 50),
    ...(values.json !== undefined && { json: fileName('--json', values.json) }),
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

function integer(name: string, text: string, min: number, max: number): number {
  const number = Number(text);
  // `Number()` also accepts `1e1`, `0x10` and `" 1 "`.
  if (!/^\d+$/.test(text) || number < min || number > max) {
    throw new UsageError(`invalid ${name} "${text}": use an integer from ${min} to ${max}`);
  }
  return number;
}

function fileName(name: string, text: string): string {
  if (text === '') throw new UsageError(`invalid ${name} "": use the name of a file`);
  return text;
}

function registry(text: string): string {
  if (text === 'file' || text === 'consul' || text === 'etcd') return text;
  if (!text.includes('://')) {
    throw new UsageError(`invalid --registry "${text}": use file, consul, etcd or a URL`);
  }
  try {
    parseRegistryUrl(text);
    return text;
  } catch (cause) {
    throw new UsageError(`invalid --registry: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
