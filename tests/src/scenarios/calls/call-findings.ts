import { Findings } from '../findings.js';
import type { CallWindow } from './call-stats.js';

/** The calls of a scenario: how many, which failed, and what was measured. */
export class CallFindings extends Findings {
  readonly #failures = new Map<string, number>();
  #calls = 0;
  #failed = 0;

  count({ calls, failed, failures }: CallWindow): void {
    this.#calls += calls;
    this.#failed += failed;
    for (const [reason, times] of Object.entries(failures)) {
      this.#failures.set(reason, (this.#failures.get(reason) ?? 0) + times);
    }
  }

  /** Discards what was counted so far: calls that had to fail. */
  discardCalls(): void {
    this.#calls = this.#failed = 0;
    this.#failures.clear();
  }

  /** How often calls failed, by reason. */
  get failures(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#failures);
  }

  override get texts(): readonly string[] {
    if (this.#calls === 0) return super.texts;
    const reasons = [...this.#failures].map(([reason, times]) => `${times} x ${reason}`).join(', ');
    const failed = `${this.#failed} of ${this.#calls.toLocaleString('en')} failed`;
    return [reasons ? `${failed} (${reasons})` : failed, ...super.texts];
  }
}
