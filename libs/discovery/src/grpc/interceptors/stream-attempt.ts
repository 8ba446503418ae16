import type { Metadata, StatusObject } from '@grpc/grpc-js';
import type { EventCall } from '../../events/discovery-events.js';
import { events } from '../../events/event-source.js';
import { type Attempt, type AttemptEndpoint, setAttempt } from '../attempt.js';
import { emitAttempt, emitAttemptStart } from './call-events.js';

/** The one attempt of a stream, for its events. It has no preferences where it is sent. */
export class StreamAttempt implements Attempt {
  readonly call: EventCall;
  readonly avoid: Attempt['avoid'] = [];
  readonly hedged = false;
  readonly elsewhere = false;
  readonly isolation = undefined;
  readonly overtaken = false;
  readonly number = 1;
  readonly isHedge = false;
  endpoint: AttemptEndpoint | undefined;
  startedAt = 0;
  sentAt = 0;

  constructor(call: EventCall) {
    this.call = call;
  }

  /** Returns the metadata of the attempt. That of the call may be used by the caller for other calls. */
  started(metadata: Metadata): Metadata {
    this.startedAt = performance.now();
    const own = metadata.clone();
    setAttempt(own, this);
    if (events['attempt-start'].hasListeners) emitAttemptStart(this.call, this, own, undefined);
    return own;
  }

  onSent(endpoint: AttemptEndpoint): void {
    this.endpoint = endpoint;
    this.sentAt = performance.now();
  }

  ended(result: StatusObject): void {
    if (events.attempt.hasListeners) emitAttempt(this.call.method, this.call, this, result);
  }
}
