import { clearScreenDown, cursorTo, moveCursor } from 'node:readline';
import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import type { ServiceName } from '../system/app-process.js';
import type { Place } from './board.js';
import { count } from './report.js';

/** What the live display shows at one moment. */
export interface Moment {
  readonly elapsedMs: number;
  readonly seconds: number;
  readonly requests: number;
  readonly failed: number;
  /** Since the moment before, `overMs` ago. */
  readonly newRequests: number;
  readonly overMs: number;
  readonly rows: ReadonlyMap<ServiceName, readonly Place[]>;
}

/** Where the demo speaks: lines that stay, and a board that is drawn anew. */
export interface Display {
  /** How often it wants to be shown a moment, in ms. */
  readonly everyMs: number;
  say(line: string): void;
  show(moment: Moment): void;
  /** Removes the board. */
  clear(): void;
}

export function displayOn(stream: NodeJS.WriteStream): Display {
  return stream.isTTY ? liveDisplay(stream as WriteStream) : plainDisplay(stream);
}

const nameWidth = 16;
const barWidth = 10;

/** A terminal: one line a service, rewritten in place under the lines that stay. */
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
      // Cut, for a line that wraps would not be cleared; styled afterwards, so that no style is cut.
      const cut = line.slice(0, stream.columns - 1);
      stream.write(`${colours ? paint(cut) : cut}\n`);
    }
    drawn = lines;
  };
  return {
    everyMs: 500,
    say(line) {
      const board = drawn;
      clear();
      stream.write(`${line}\n`);
      draw(board);
    },
    show(moment) {
      draw(['', summary(moment), ...[...moment.rows].map(([service, row]) => barLine(service, row, moment))]);
    },
    clear,
  };
}

const paint = (line: string) =>
  line
    .replaceAll(/█+/g, (bar) => styleText('cyan', bar))
    .replaceAll(/·+/g, (rest) => styleText('dim', rest))
    .replaceAll('starting', (state) => styleText('yellow', state))
    .replaceAll(/[1-9][\d,]* failed/g, (failed) => styleText('red', failed));

function barLine(service: ServiceName, row: readonly Place[], { overMs, rows }: Moment): string {
  const most = Math.max(1, ...[...rows.values()].flat().map(({ served }) => served));
  const cells = row.map((place) => {
    const name = shortName(place.instance).padStart(2);
    if (place.state === 'starting') return `${name} starting`.padEnd(barWidth + 11);
    const bar = '█'.repeat(Math.round((place.served / most) * barWidth)).padEnd(barWidth, '·');
    return `${name} ${bar} ${rate(place.served, overMs).padEnd(7)}`;
  });
  return `  ${service.padEnd(nameWidth)}${cells.join(' ')}`;
}

/** A file or a pipe: a line every few seconds. */
function plainDisplay(stream: NodeJS.WriteStream): Display {
  return {
    everyMs: 2_000,
    say: (line) => void stream.write(`${line}\n`),
    show(moment) {
      const shares = [...moment.rows].map(([service, row]) => {
        const cells = row.map(({ instance, state, served }) =>
          state === 'serving'
            ? `${shortName(instance)}:${rate(served, moment.overMs)}`
            : `${shortName(instance)}:${state}`,
        );
        return `${service} ${cells.join(' ')}`;
      });
      stream.write(`${summary(moment)}   ${shares.join('   ')}\n`);
    },
    clear() {},
  };
}

function summary({ elapsedMs, seconds, requests, newRequests, failed, overMs }: Moment): string {
  const at = `${Math.floor(elapsedMs / 1000)}`.padStart(`${seconds}`.length);
  return `  ${at} of ${seconds} s   ${count(requests)} requests, ${rate(newRequests, overMs)}   ${count(failed)} failed`;
}

const rate = (times: number, overMs: number) => `${count((times * 1000) / Math.max(1, overMs))}/s`;

/** `inventory-4-9f3c` is the fourth instance of its service in this run. */
const shortName = (instance: string) => instance.split('-').at(-2) ?? instance;
