import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { MonitoredAttempt } from '../calling/attempt-monitor.js';
import type { CallRecord } from '../calling/call-record.js';
import type { IsolatedAttempt } from '../calling/crash-isolation.js';
import type { EndpointHealth } from '../calling/endpoint-health.js';
import type { ListEntry } from '../runtime/linked-list.js';
import type { AttemptInFlight, HttpEndpointState } from './instance-picker.js';

/** What all attempts of a request share. */
export interface HttpRequest {
  readonly service: string;
  readonly method: string;
  readonly headers: Dispatcher.DispatchOptions['headers'];
  /** Undefined while nobody listens to the events of calls. */
  readonly record: CallRecord | undefined;
  attempts: number;
}

type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseEnd']>>[1];
export type ResponseStart = readonly [status: number, headers: Headers, message?: string];
export type Upgrade = readonly [status: number, headers: Headers, socket: Duplex];

/** The request that an attempt belongs to. */
export interface AttemptOwner {
  onOverdue(attempt: HttpAttempt): void;
  onRequestStart(context: unknown): void;
  onUpgrade(attempt: HttpAttempt, upgrade: Upgrade): void;
  onResponseStart(attempt: HttpAttempt, start: ResponseStart): void;
  onData(attempt: HttpAttempt, chunk: Buffer): void;
  onEnd(attempt: HttpAttempt, trailers: Headers): void;
  onError(attempt: HttpAttempt, error: Error): void;
}

/** A request to one instance. */
export class HttpAttempt implements Dispatcher.DispatchHandler, MonitoredAttempt, AttemptInFlight {
  readonly endpoint: HttpEndpointState;
  /** 1 for the first attempt of a request. */
  readonly number: number;
  /** Whether it was started beside another attempt. */
  readonly isHedge: boolean;
  /** Of the response. */
  status: number | undefined;
  /** If the connection was lost under the attempt before. */
  readonly isolation: IsolatedAttempt | undefined;
  readonly sentAt = performance.now();
  inFlight: ListEntry<MonitoredAttempt> | undefined;
  atEndpoint: ListEntry<AttemptInFlight> | undefined;
  /** Nothing tells how long the caller waits. */
  readonly patienceMs = Infinity;
  controller: Dispatcher.DispatchController | undefined;
  #aborted: Error | undefined;
  readonly #owner: AttemptOwner;

  constructor(
    owner: AttemptOwner,
    number: number,
    isHedge: boolean,
    endpoint: HttpEndpointState,
    isolation: IsolatedAttempt | undefined,
  ) {
    this.#owner = owner;
    this.number = number;
    this.isHedge = isHedge;
    this.endpoint = endpoint;
    this.isolation = isolation;
  }

  get health(): EndpointHealth {
    return this.endpoint.health;
  }

  abort(reason: Error): void {
    this.#aborted ??= reason;
    this.controller?.abort(reason);
  }

  onOverdue(): void {
    this.#owner.onOverdue(this);
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    this.controller = controller;
    if (this.#aborted) controller.abort(this.#aborted);
    else this.#owner.onRequestStart(context);
  }

  onRequestUpgrade(_controller: Dispatcher.DispatchController, ...upgrade: Upgrade): void {
    [this.status] = upgrade;
    this.#owner.onUpgrade(this, upgrade);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, ...start: ResponseStart): void {
    [this.status] = start;
    this.#owner.onResponseStart(this, start);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#owner.onData(this, chunk);
  }

  onResponseEnd(_controller: Dispatcher.DispatchController, trailers: Headers): void {
    this.#owner.onEnd(this, trailers);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#owner.onError(this, error);
  }
}
