import type { IDuplexStream, IEvent, IWatchRequest, IWatchResponse } from 'etcd3';
import { DiscoveryError } from '../model/errors.js';
import { startTimer } from '../runtime/timers.js';
import { toDiscoveryError, watchCancelled } from './errors.js';
import type { KeyRange } from './layout.js';

export type WatchStream = IDuplexStream<IWatchRequest, IWatchResponse>;

export interface WatchContext {
  /** For messages. */
  readonly host: string;
  readonly signal: AbortSignal;
  readonly confirmWithinMs: number;
  /** Called when the watch fails, with the reason. */
  readonly onFailure: (error: DiscoveryError) => void;
}

/**
 * One watch over one stream, from the current revision. It ends on the first failure and is never resumed: the revision
 * of one stream may be invalid in the next, and etcd does not report that.
 */
export class Watch {
  readonly #stream: WatchStream;
  readonly #host: string;
  readonly #signal: AbortSignal;
  readonly #onFailure: (error: DiscoveryError) => void;
  #events: IEvent[] = [];
  #failure: DiscoveryError | undefined;
  #clusterId = '';
  #revision = -1;
  #revisionAtStart = -1;
  #wake = () => {};

  private constructor(stream: WatchStream, { host, signal, onFailure }: WatchContext) {
    this.#stream = stream;
    this.#host = host;
    this.#signal = signal;
    this.#onFailure = onFailure;
    signal.addEventListener('abort', this.close);
    stream.on('data', (response) => this.#receive(response));
    stream.on('error', (error) => this.#fail(toDiscoveryError(error, host)));
    stream.on('end', () => this.#failBecause('ended the stream'));
  }

  /** Resolves when etcd has confirmed the watch: later events are not missed. */
  static async open(stream: WatchStream, range: KeyRange, context: WatchContext): Promise<Watch> {
    const watch = new Watch(stream, context);
    const { confirmWithinMs } = context;
    const cancel = startTimer(confirmWithinMs, () =>
      watch.#failBecause(`did not confirm a watch within ${confirmWithinMs} ms`),
    );
    try {
      stream.write({ create_request: range });
      await watch.#until(() => watch.#revision >= 0);
      return watch;
    } finally {
      cancel();
    }
  }

  /** The last known revision of the store. */
  get revision(): number {
    return this.#revision;
  }

  /** The revision of the store when the watch began. */
  get revisionAtStart(): number {
    return this.#revisionAtStart;
  }

  get clusterId(): string {
    return this.#clusterId;
  }

  /** All events since the last call; waits for one. @throws {DiscoveryError} when the watch failed or was closed. */
  async next(): Promise<readonly IEvent[]> {
    await this.#until(() => this.#events.length > 0);
    return this.#events.splice(0);
  }

  readonly close = (): void => {
    this.#end(new DiscoveryError('CLOSED', 'the watch was closed'));
  };

  async #until(condition: () => boolean): Promise<void> {
    while (!this.#failure && !condition()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure) throw this.#failure;
  }

  #receive({ header, canceled, cancel_reason: reason, events }: IWatchResponse): void {
    if (canceled) return this.#fail(watchCancelled(reason, this.#host));
    const revision = Number(header.revision);
    const isSameStore = revision >= this.#revision && header.cluster_id === this.#clusterId;
    if (this.#revision >= 0 && !isSameStore)
      return this.#failBecause(`serves another store (revision ${revision} after ${this.#revision})`);
    if (this.#revisionAtStart < 0) this.#revisionAtStart = revision;
    this.#revision = revision;
    this.#clusterId = header.cluster_id;
    for (const event of events) this.#events.push(event);
    this.#wake();
  }

  #failBecause(what: string): void {
    this.#fail(new DiscoveryError('REGISTRY_UNAVAILABLE', `etcd at ${this.#host} ${what}`));
  }

  #fail(failure: DiscoveryError): void {
    if (!this.#failure) this.#onFailure(failure);
    this.#end(failure);
  }

  #end(failure: DiscoveryError): void {
    if (this.#failure) return;
    this.#failure = failure;
    this.#events = [];
    this.#signal.removeEventListener('abort', this.close);
    this.#stream.cancel();
    this.#wake();
  }
}
