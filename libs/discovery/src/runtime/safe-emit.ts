import type { EventEmitter } from 'node:events';
import type { Log } from './log.js';

/**
 * Emits an event. An error that a listener throws, or that its promise rejects with, is logged and does not affect other
 * listeners, the emitter or the process.
 */
export function safeEmit(emitter: EventEmitter, event: string, payload: unknown, log: Log): void {
  const logError = (error: unknown) => log('error', `a listener of "${event}" threw an error`, { error });
  // Raw listeners, so that those added with `once` remove themselves.
  for (const listener of emitter.rawListeners(event)) {
    try {
      // An async function is a valid listener, too.
      const result: unknown = listener.call(emitter, payload);
      if (result instanceof Promise) result.catch(logError);
    } catch (error) {
      logError(error);
    }
  }
}
