import { channel, type Channel } from 'node:diagnostics_channel';
import type { DiscoveryEvents, DiscoveryEventType } from './discovery-events.js';

/**
 * Where events of one type are emitted: a channel of `node:diagnostics_channel`, which copies of this library in a process
 * share by its name, and to which a tracer can subscribe without an import of this library.
 */
export class EventSource<Type extends DiscoveryEventType> {
  readonly #channel: Channel;

  constructor(type: Type) {
    this.#channel = channel(channelName(type));
  }

  /** Check it first: while nobody listens, an event must not even be created. */
  get hasListeners(): boolean {
    return this.#channel.hasSubscribers;
  }

  emit(event: DiscoveryEvents[Type]): void {
    this.#channel.publish(event);
  }
}

export function channelName(type: DiscoveryEventType): string {
  return `rollcall:${type}`;
}

/** All sources of this copy. */
export const events: { readonly [Type in DiscoveryEventType]: EventSource<Type> } = {
  session: new EventSource('session'),
  list: new EventSource('list'),
  held: new EventSource('held'),
  registration: new EventSource('registration'),
  connection: new EventSource('connection'),
  ejection: new EventSource('ejection'),
  'call-start': new EventSource('call-start'),
  call: new EventSource('call'),
  'attempt-start': new EventSource('attempt-start'),
  attempt: new EventSource('attempt'),
  retry: new EventSource('retry'),
  suspicion: new EventSource('suspicion'),
};

/** Whether anyone listens to what needs a record of each call. */
export function areCallsObserved(): boolean {
  return (
    events.attempt.hasListeners ||
    events.call.hasListeners ||
    events['attempt-start'].hasListeners ||
    events['call-start'].hasListeners
  );
}
