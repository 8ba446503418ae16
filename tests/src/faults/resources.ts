import { createHook } from 'node:async_hooks';

/** What this process holds, by kind: handles as Node lists them, and timers also where they are unref'ed. */
export class Resources {
  readonly #timers = new Set<number>();
  readonly #hook = createHook({
    init: (id, type) => {
      if (type === 'Timeout') this.#timers.add(id);
    },
    destroy: (id) => void this.#timers.delete(id),
  }).enable();

  /** Timers that were made since this was. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Sockets, watched directories and the like. */
  get handles(): number {
    return process.getActiveResourcesInfo().filter((kind) => !['Timeout', 'Immediate'].includes(kind)).length;
  }

  stop(): void {
    this.#hook.disable();
  }
}
