import type { CallCredentials, Metadata, ServiceError } from '@grpc/grpc-js';

export interface CallOptions {
  /**
   * When the response is due, in ms since the Unix epoch. Default: `timeoutMs` from now, else that of the method, else
   * `defaultTimeoutMs` of the client. The earlier one of `deadline` and `timeoutMs` counts.
   */
  readonly deadline?: number;
  /** How long the call may take, in ms. A call with 0 or less fails with DEADLINE_EXCEEDED. */
  readonly timeoutMs?: number;
  /** Cancels the call, which then fails with the reason of the signal. */
  readonly signal?: AbortSignal;
  /** Headers of the request. */
  readonly metadata?: Metadata;
  /** Add metadata to each attempt of this call, such as a token, besides those of the channel. */
  readonly credentials?: CallCredentials;
  /** Called with the response headers and the address that sent them, `host:port`. If it throws, the call fails. */
  readonly onHeaders?: (headers: Metadata, peer: string) => void;
  /**
   * Called at the end of the call, also of a failed one, with the trailers and the address of the instance that answered or
   * failed, `host:port`; undefined if the call was not sent. If it throws, the call fails.
   */
  readonly onTrailers?: (trailers: Metadata, peer: string | undefined) => void;
}

/** What a failed call rejects with, unless its signal has aborted. */
export interface CallError extends ServiceError {
  /** The address of the instance that the call was sent to, `host:port`; undefined if it was not sent. */
  readonly peer?: string;
}

/** The messages of a client stream. */
export type Requests<Request> = AsyncIterable<Request> | Iterable<Request>;
