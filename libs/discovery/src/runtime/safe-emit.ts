import type { EventEmitter } from 'node:events';
import type { Log } from './log.js';

/** Emits an event. An error that a listener throws is logged and does not affect other listeners or the emitter. */
export function safeEmit(emitter: EventEmitter, event: string, payload: unknown, log: Log): void {
  // Raw listeners, so that those added with `once` remove themselves.
  for (const listener of emitter.rawListeners(event)) {
    try {
      listener.call(emitter, payload);
    } catch (error) {
      log('error', `a listener of "${event}" threw an error`, { error });
    }
  }
}
