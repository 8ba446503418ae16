import { createHook } from 'node:async_hooks';

/** Counts what this process holds: handles as Node lists them, and timers, including unref'ed ones. */
export class ProcessResources {
  readonly #timers = new Set<number>();
  readonly #hook = createHook({
    init: (id, type) => {
      if (type === 'Timeout') this.#timers.add(id);
    },
    destroy: (id) => void this.#timers.delete(id),
  }).enable();

  /** Active timers that were created since {@link ProcessResources} was. */
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
