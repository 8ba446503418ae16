import { until } from '@rollcall/tools';

const deadlineMs = 20_000;

/** What a server of the greeter at `address` answers. */
export const answerOf = (address: string) => `Hello you, says ${address}.`;

/** What the calls of a client got, one after the other: the answers, and for a call that failed its error. */
export class CallResults {
  readonly all: string[] = [];

  /** Waits until the client has got this answer. */
  async untilAnswered(answer: string): Promise<void> {
    await this.#until(`"${answer}"`, () => this.all.includes(answer));
  }

  /** Waits for so many results more. */
  async next(count: number): Promise<readonly string[]> {
    const from = this.all.length;
    await this.#until(`${count} results more`, () => this.all.length >= from + count);
    return this.all.slice(from, from + count);
  }

  async #until(what: string, condition: () => boolean): Promise<void> {
    const describe = () => `${what}; the results were ${[...new Set(this.all)].join('\n')}`;
    await until(condition, { deadlineMs, describe });
  }
}
