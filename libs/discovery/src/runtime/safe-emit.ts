import type { EventEmitter } from 'node:events';
import type { Log } from './log.js';

/**
 * Emits an event so that a listener that throws hurts neither the others nor who emits: that one is heard of in the log.
 */
export function safeEmit(emitter: EventEmitter, event: string, news: unknown, log: Log): void {
  // Raw, because those take the listeners of `once` away themselves.
  for (const listener of emitter.rawListeners(event)) {
    try {
      listener.call(emitter, news);
    } catch (error) {
      log('error', `a listener to "${event}" has thrown`, { error });
    }
  }
}
