import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { invalidOption } from '../model/invalid-option.js';
import { type DiscoveryEvents, type DiscoveryEventType, eventTypes } from './discovery-events.js';
import { channelName } from './event-source.js';

/**
 * Calls `listener` with every event of these types, of all registries and clients of the process, also of other copies of this
 * library, until the returned function is called. Events are emitted synchronously: a listener should be quick.
 *
 * What a listener throws, or its promise rejects with, affects nothing else; the first error is emitted as a process
 * warning. The same events are published on `node:diagnostics_channel` under `rollcall:<type>`.
 * @example
 * const unsubscribe = onEvent(['session', 'list'], (event) => {
 *   if (event.type === 'list') console.log(`${event.service}: ${event.instances} instances from ${event.source}`);
 * });
 * @throws {DiscoveryError} INVALID_OPTION for an unknown type.
 */
export function onEvent<Type extends DiscoveryEventType>(
  types: Type | readonly Type[],
  listener: (event: DiscoveryEvents[Type]) => unknown,
): () => void {
  const names = [types].flat() as readonly Type[];
  const unknown = names.find((type) => !eventTypes.includes(type));
  if (unknown !== undefined) throw invalidOption('type', unknown, `use ${eventTypes.join(', ')}`);
  const guarded = guard(listener as (event: unknown) => unknown);
  for (const type of names) subscribe(channelName(type), guarded);
  return () => {
    for (const type of names) unsubscribe(channelName(type), guarded);
  };
}

/** A listener that cannot fail. A new function each time, so that a listener that is given twice counts as two. */
function guard(listener: (event: unknown) => unknown): (event: unknown) => void {
  let hasFailed = false;
  const onError = (error: unknown) => {
    // Once: there may be thousands of events a second.
    if (hasFailed) return;
    hasFailed = true;
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.emitWarning('a listener of discovery events has failed', { type: 'DiscoveryWarning', detail });
  };
  return (event) => {
    try {
      // An async function is a valid listener, too.
      const result = listener(event);
      if (result instanceof Promise) result.catch(onError);
    } catch (error) {
      onError(error);
    }
  };
}
