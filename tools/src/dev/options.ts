import { parseArgs } from 'node:util';
import { UsageError } from '../usage-error.js';

export interface DevOptions {
  /** The folder in apps/. */
  readonly app: string;
  /** The port of the inspector on loopback; 0 takes any free one. 9229 by default, or any free one where that is taken. */
  readonly port?: number;
  /** Pause before the first line of the program. */
  readonly break: boolean;
  /** Use the registry of the shop that `docker compose up` has started. */
  readonly compose: boolean;
}

export const usage = `Usage: npm run dev <service> -- [options]

Runs one instance of a service from its sources, registered beside the instances of a running shop,
with the inspector of Node open: set breakpoints in apps/<service>/src while the rest runs. A change
of the sources compiles and restarts it. Ctrl-C deregisters and stops it.

  --compose   use the shop of "docker compose up", whose containers reach this machine (on Linux)
  --port N    port of the inspector; 9229 by default, or a free one where that is taken; 0: any free one
  --break     pause before the first line of the program
  --help      show this text

REGISTRY_URL names the registry, as for every service; without it, that of the running demo is used
("npm run demo -- --keep"). Every other variable of a service is passed on, too.
`;

/** @throws {UsageError} for an unknown option or service, or an invalid value. */
export function parseOptions(args: readonly string[], apps: readonly string[]): DevOptions | 'help' {
  const { values, positionals } = parse(args);
  if (values.help) return 'help';
  const [app, ...more] = positionals;
  const known = apps.join(', ');
  if (app === undefined || more.length > 0) throw new UsageError(`name one service: ${known}`);
  if (!apps.includes(app)) throw new UsageError(`unknown service "${app}": use one of ${known}`);
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && (!/^\d+$/.test(values.port!) || port > 65_535)) {
    throw new UsageError(`invalid --port "${values.port}": use an integer from 0 to 65535`);
  }
  return { app, ...(port !== undefined && { port }), break: values.break, compose: values.compose };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        port: { type: 'string' },
        break: { type: 'boolean', default: false },
        compose: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
