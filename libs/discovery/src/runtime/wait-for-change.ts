import type { EventEmitter } from 'node:events';

/** Resolves on the next `change` event of `emitter` or when `signal` aborts, and removes its listeners. */
export function waitForChange(emitter: EventEmitter<{ change: [] }>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      emitter.off('change', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    emitter.on('change', done);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
