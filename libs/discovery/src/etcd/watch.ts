import type { IDuplexStream, IEvent, IWatchRequest, IWatchResponse } from 'etcd3';
import { DiscoveryError } from '../model/errors.js';
import { startTimer } from '../runtime/timers.js';
import { cancelled, failureOf } from './failure.js';
import type { KeyRange } from './layout.js';

export type WatchStream = IDuplexStream<IWatchRequest, IWatchResponse>;

/**
 * One watch over one stream, from now on. It ends for good at the first trouble and is never resumed: a revision taken
 * from one stream to the next may mean nothing there, and etcd does not say so.
 */
export class Watch {
  readonly #stream: WatchStream;
  readonly #host: string;
  readonly #signal: AbortSignal;
  readonly #onBroken: (failure: DiscoveryError) => void;
  #events: IEvent[] = [];
  #failure: DiscoveryError | undefined;
  #clusterId = '';
  #revision = -1;
  #revisionAtStart = -1;
  #wake = () => {};

  private constructor(stream: WatchStream, { host, signal, onBroken }: WatchContext) {
    this.#stream = stream;
    this.#host = host;
    this.#signal = signal;
    this.#onBroken = onBroken;
    signal.addEventListener('abort', this.close);
    stream.on('data', (response) => this.#receive(response));
    stream.on('error', (error) => this.#break(failureOf(error, host)));
    stream.on('end', () => this.#breakBecause('ended the stream'));
  }

  /** Resolves when etcd has confirmed the watch: what happens from then on is not missed. */
  static async open(stream: WatchStream, range: KeyRange, context: WatchContext): Promise<Watch> {
    const watch = new Watch(stream, context);
    const { confirmWithinMs } = context;
    const cancel = startTimer(confirmWithinMs, () =>
      watch.#breakBecause(`did not confirm a watch within ${confirmWithinMs} ms`),
    );
    try {
      stream.write({ create_request: range });
      await watch.#until(() => watch.#revision >= 0);
      return watch;
    } finally {
      cancel();
    }
  }

  /** The revision of the store that was heard of last. */
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

  /**
   * All events since the last call; waits for one. @throws {DiscoveryError} when the watch has ended, by itself or by us.
   */
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
    if (canceled) return this.#break(cancelled(reason, this.#host));
    const revision = Number(header.revision);
    const same = this.#revision < 0 || (revision >= this.#revision && header.cluster_id === this.#clusterId);
    if (!same)
      return this.#breakBecause(`speaks of another store (revision ${revision} after ${this.#revision})`);
    if (this.#revisionAtStart < 0) this.#revisionAtStart = revision;
    this.#revision = revision;
    this.#clusterId = header.cluster_id;
    for (const event of events) this.#events.push(event);
    this.#wake();
  }

  #breakBecause(what: string): void {
    this.#break(new DiscoveryError('REGISTRY_UNAVAILABLE', `etcd at ${this.#host} ${what}`));
  }

  #break(failure: DiscoveryError): void {
    if (!this.#failure) this.#onBroken(failure);
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

export interface WatchContext {
  /** For messages. */
  readonly host: string;
  readonly signal: AbortSignal;
  readonly confirmWithinMs: number;
  /** Hears why a watch has ended that nobody has closed. */
  readonly onBroken: (failure: DiscoveryError) => void;
}
