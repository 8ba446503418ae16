import { clearScreenDown, cursorTo, moveCursor } from 'node:readline';
import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import type { ServiceName } from '../system/app-process.js';
import type { InstanceRow } from './instance-table.js';
import { formatCount } from './report.js';

export interface Progress {
  readonly elapsedMs: number;
  readonly seconds: number;
  readonly requests: number;
  readonly failed: number;
  /** Requests in the last `periodMs`. */
  readonly newRequests: number;
  readonly periodMs: number;
  readonly rows: ReadonlyMap<ServiceName, readonly InstanceRow[]>;
}

/** The output of the demo: lines that stay, and the progress, which a terminal redraws in place. */
export interface Display {
  /** The time between two updates of the progress, in ms. */
  readonly updateEveryMs: number;
  print(line: string): void;
  update(progress: Progress): void;
  /** Removes the progress from the terminal. */
  clear(): void;
}

export function displayOn(stream: NodeJS.WriteStream): Display {
  return stream.isTTY ? liveDisplay(stream as WriteStream) : plainDisplay(stream);
}

const nameWidth = 16;
const barWidth = 10;

/** For a terminal: one line for each service, redrawn under the lines that stay. */
function liveDisplay(stream: WriteStream): Display {
  const colours = stream.hasColors();
  let drawn: readonly string[] = [];
  const clear = () => {
    if (drawn.length === 0) return;
    moveCursor(stream, 0, -drawn.length);
    cursorTo(stream, 0);
    clearScreenDown(stream);
    drawn = [];
  };
  const draw = (lines: readonly string[]) => {
    clear();
    for (const line of lines) {
      // A wrapped line would not be cleared. Styled after the cut, which would otherwise break escape sequences.
      const cut = line.slice(0, stream.columns - 1);
      stream.write(`${colours ? addColours(cut) : cut}\n`);
    }
    drawn = lines;
  };
  return {
    updateEveryMs: 500,
    print(line) {
      const lines = drawn;
      clear();
      stream.write(`${line}\n`);
      draw(lines);
    },
    update(progress) {
      const bars = [...progress.rows].map(([service, rows]) => barLine(service, rows, progress));
      draw(['', summary(progress), ...bars]);
    },
    clear,
  };
}

const addColours = (line: string) =>
  line
    .replaceAll(/█+/g, (bar) => styleText('cyan', bar))
    .replaceAll(/·+/g, (rest) => styleText('dim', rest))
    .replaceAll('starting', (state) => styleText('yellow', state))
    .replaceAll(/[1-9][\d,]* failed/g, (failed) => styleText('red', failed));

function barLine(service: ServiceName, rows: readonly InstanceRow[], progress: Progress): string {
  const mostServed = Math.max(1, ...[...progress.rows.values()].flat().map(({ served }) => served));
  const cells = rows.map(({ instance, state, served }) => {
    const name = shortName(instance).padStart(2);
    if (state === 'starting') return `${name} starting`.padEnd(barWidth + 11);
    const bar = '█'.repeat(Math.round((served / mostServed) * barWidth)).padEnd(barWidth, '·');
    return `${name} ${bar} ${rate(served, progress.periodMs).padEnd(7)}`;
  });
  return `  ${service.padEnd(nameWidth)}${cells.join(' ')}`;
}

/** For a file or a pipe: one line every few seconds. */
function plainDisplay(stream: NodeJS.WriteStream): Display {
  return {
    updateEveryMs: 2_000,
    print: (line) => void stream.write(`${line}\n`),
    update(progress) {
      const shares = [...progress.rows].map(([service, rows]) => {
        const cells = rows.map(({ instance, state, served }) =>
          state === 'serving'
            ? `${shortName(instance)}:${rate(served, progress.periodMs)}`
            : `${shortName(instance)}:${state}`,
        );
        return `${service} ${cells.join(' ')}`;
      });
      stream.write(`${summary(progress)}   ${shares.join('   ')}\n`);
    },
    clear() {},
  };
}

function summary({ elapsedMs, seconds, requests, newRequests, failed, periodMs }: Progress): string {
  const elapsed = `${Math.floor(elapsedMs / 1000)}`.padStart(`${seconds}`.length);
  return `  ${elapsed} of ${seconds} s   ${formatCount(requests)} requests, ${rate(newRequests, periodMs)}   ${formatCount(failed)} failed`;
}

const rate = (count: number, periodMs: number) => `${formatCount((count * 1000) / Math.max(1, periodMs))}/s`;

/** `inventory-4-9f3c` is the fourth instance of its service in this run. */
const shortName = (instance: string) => instance.split('-').at(-2) ?? instance;
