import type { EventEmitter } from 'node:events';

/** Resolves at the next `change` of `emitter`, or as soon as `signal` aborts. Leaves no listener behind. */
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
