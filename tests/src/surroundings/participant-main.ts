/**
 * A process that registers and watches: `node participant-main.js [<registry URL> [<options as JSON>]]`. It takes a
 * {@link Command} as a message and sends its {@link ParticipantStatus} when that has changed.
 */
import { setClockOffset } from './adjustable-clock.js';
import { type InstanceInit, openRegistry, type Registration, type Watch } from '@rollcall/discovery';
import '@rollcall/discovery/file';

export interface ParticipantOptions {
  readonly snapshotDirectory?: string;
  /** Default: a logger that works. */
  readonly logger?: Failure;
  /** Default: listeners that work. */
  readonly listeners?: Failure;
}

/** How a callback fails: it throws an error, or it returns a promise that rejects. */
export type Failure = 'throw' | 'reject';

export interface Command {
  readonly register?: InstanceInit;
  readonly watch?: string;
  readonly unwatch?: string;
  /** The distance of this process's wall clock from that of the machine, in ms. */
  readonly clockOffsetMs?: number;
  readonly close?: true;
}

export interface ParticipantStatus {
  /** By id: the state, with the last error. */
  readonly registrations: Readonly<Record<string, string>>;
  /** By service. */
  readonly watches: Readonly<Record<string, WatchStatus>>;
  /** How many lines were logged. */
  readonly logged: number;
  /** How many of them say that a record was left out. */
  readonly leftOut: number;
  readonly lastLogged: readonly string[];
}

export interface WatchStatus {
  readonly source: string;
  readonly instances: number;
  /** Up to three. */
  readonly ids: readonly string[];
  readonly held: number;
  readonly error: string | null;
}

const [url, optionsJson = '{}'] = process.argv.slice(2);
const { snapshotDirectory, logger, listeners } = JSON.parse(optionsJson) as ParticipantOptions;

const registrations = new Map<string, Registration>();
const watches = new Map<string, Watch>();
const lines: string[] = [];
let logged = 0;
let leftOut = 0;

function fail(name: string, failure: Failure | undefined): void {
  const error = new Error(`the ${name} of the user failed`);
  if (failure === 'throw') throw error;
  // An async function is a valid callback for TypeScript, too.
  if (failure === 'reject') return Promise.reject(error) as unknown as void;
}

const registry = await openRegistry(url || undefined, {
  lingerMs: 0,
  log: (_level, message) => {
    logged += 1;
    if (message.includes('left out')) leftOut += 1;
    lines.push(message);
    lines.splice(0, lines.length - 20);
    return fail('logger', logger);
  },
  ...(snapshotDirectory !== undefined && { snapshot: { directory: snapshotDirectory } }),
});

process.on('message', (command: Command) => void execute(command));
process.on('disconnect', () => process.exit(1));

async function execute({ register, watch, unwatch, clockOffsetMs, close }: Command): Promise<void> {
  if (clockOffsetMs !== undefined) setClockOffset(clockOffsetMs);
  if (register) {
    const registration = registry.register(register);
    registration.on('change', () => fail('registration listener', listeners));
    registrations.set(registration.instance.id, registration);
  }
  if (watch !== undefined) {
    const opened = registry.watch(watch);
    opened.onChange(() => fail('change listener', listeners));
    opened.onHeld(() => fail('held listener', listeners));
    watches.set(watch, opened);
  }
  if (unwatch !== undefined) {
    watches.get(unwatch)?.close();
    watches.delete(unwatch);
  }
  if (close) {
    await registry.close();
    send();
    process.exit(0);
  }
}

function status(): ParticipantStatus {
  return {
    registrations: Object.fromEntries(
      [...registrations].map(([id, { state }]) => [
        id,
        'lastError' in state && state.lastError ? `${state.status} ${state.lastError.message}` : state.status,
      ]),
    ),
    watches: Object.fromEntries([...watches].map(([service, watch]) => [service, watchStatus(watch)])),
    logged,
    leftOut,
    lastLogged: lines,
  };
}

function watchStatus(watch: Watch): WatchStatus {
  const { source, instances, held, lastError } = watch.current;
  return {
    source,
    instances: instances.length,
    ids: instances.slice(0, 3).map(({ id }) => id),
    held: held.length,
    error: lastError?.message ?? null,
  };
}

let sent = '';
function send(): void {
  const present = status();
  const text = JSON.stringify(present);
  if (text !== sent) process.send?.(present);
  sent = text;
}
setInterval(send, 20);
process.send?.('ready');
