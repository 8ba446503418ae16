import type { Deregisterable, ServingOptions } from '@rollcall/discovery/grpc';
import type { Request } from './contract.js';

export type Method = 'get' | 'report' | 'add' | 'watch';

/** What an instance does in a call, whatever the protocol, and what it counts. */
export class InstanceWork {
  /** All calls that arrived, by method. */
  readonly attempts: Record<Method, number> = { get: 0, report: 0, add: 0, watch: 0 };
  /** The numbers of the calls that have one. */
  readonly numbers: number[] = [];
  /** Every call fails with UNAVAILABLE. */
  failing = false;
  /** The delay of each call is multiplied by this. */
  slowFactor = 1;
  /** Calls that wait for their delay. */
  delayed = 0;
  firstCallAt = 0;
  readonly #paddings = new Map<number, Buffer>();

  /** Calls `respond` with the response, or with nothing when the call fails. */
  run(method: Method, request: Request, respond: (padding?: Buffer) => void): void {
    this.attempts[method] += 1;
    this.firstCallAt ||= performance.now();
    if (request.crash) process.kill(process.pid, 'SIGKILL');
    if (this.failing) return respond();
    const { responseBytes = 0, earlyMetadata = false, delayMs = 0, number = 0 } = request;
    if (number > 0) this.numbers.push(number);
    const padding = this.#paddingOf(responseBytes);
    if (delayMs > 0) {
      this.delayed += 1;
      setTimeout(() => {
        this.delayed -= 1;
        respond(padding);
      }, delayMs * this.slowFactor);
    } else if (earlyMetadata) setImmediate(() => respond(padding));
    else respond(padding);
  }

  /** Forgets the calls so far. */
  reset(): void {
    this.attempts.get = this.firstCallAt = 0;
  }

  /** Cached: filling buffers must not be part of the measured times. */
  #paddingOf(bytes: number): Buffer {
    let padding = this.#paddings.get(bytes);
    if (!padding) this.#paddings.set(bytes, (padding = Buffer.alloc(bytes, 1)));
    return padding;
  }
}

/** What listens for calls. */
export interface InstanceServer {
  /** Resolves with the port. */
  listen(host: string, port: number): Promise<number>;
  /** Once it listens. */
  serveGracefully(registration: Deregisterable, options: ServingOptions): void;
}
