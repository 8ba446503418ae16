/**
 * After an outage, running instances have this long to register again, in ms, before a missing one is removed: they
 * need up to a second, and longer on a busy machine.
 */
const recoveryMs = 2_000;

/**
 * The clock of the shrink guard: monotonic, and stopped during an outage of the registry, so that an instance that was
 * missing before an outage keeps the rest of its hold time after it.
 */
export class OutageClock {
  #totalOutageMs = 0;
  #outageSince: number | undefined;
  #recoveredAt = -Infinity;

  /** In ms. */
  get now(): number {
    return (this.#outageSince ?? performance.now()) - this.#totalOutageMs;
  }

  /** Grace period for missing instances while the registry recovers, in ms; undefined at any other time. */
  get recoveryGraceMs(): number | undefined {
    return performance.now() - this.#recoveredAt < recoveryMs ? recoveryMs : undefined;
  }

  startOutage(): void {
    this.#outageSince ??= performance.now();
  }

  endOutage(): void {
    if (this.#outageSince === undefined) return;
    this.#recoveredAt = performance.now();
    this.#totalOutageMs += this.#recoveredAt - this.#outageSince;
    this.#outageSince = undefined;
  }
}
