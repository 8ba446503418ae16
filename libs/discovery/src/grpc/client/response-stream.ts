import type { ClientReadableStream, ServiceError } from '@grpc/grpc-js';

/**
 * The responses of a stream. Iterate once; leaving the loop cancels the call. An error is kept until it is read, so that
 * nothing is lost, and no process ends, if the loop is entered after the call has failed. (The stream of grpc-js emits
 * `error`, which crashes a process that does not listen yet, and ends normally for those who iterate later.)
 */
export class ResponseStream<T> implements AsyncIterableIterator<T> {
  readonly #call: ClientReadableStream<T>;
  readonly #responses: AsyncIterator<T>;
  #failure: { readonly error: unknown } | undefined;

  constructor(call: ClientReadableStream<T>, toError: (error: ServiceError) => unknown) {
    this.#call = call;
    this.#responses = call[Symbol.asyncIterator]() as AsyncIterator<T>;
    call.on('error', (error: ServiceError) => (this.#failure ??= { error: toError(error) }));
    // Starts to read: when a call fails, grpc-js drops the messages that nobody has asked for.
    call.read(0);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    try {
      const result = await this.#responses.next();
      if (!result.done) return result;
    } catch (error) {
      this.#failure ??= { error };
    }
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure.error;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#call.cancel();
    await this.#responses.return?.();
    return { done: true, value: undefined };
  }

  /** Cancels the call: iterating throws `error`. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#call.cancel();
  }
}
