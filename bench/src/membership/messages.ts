/** `control`: a raw read, and a raw watch that counts. `watch`: the library. */
export const observers = ['control', 'watch'] as const;
export type Observer = (typeof observers)[number];

/** Which instances are observed: of one service, or of all. */
export type Scope = 'service' | 'catalogue';

/** The name of the service with {@link Scope} `service`. */
export const service = 'bench';

export interface WorkerOptions {
  readonly url: string;
  readonly observer: Observer;
  readonly scope: Scope;
}

export type Request =
  /** Reads the list once. Replies with {@link Cost}. */
  | { readonly type: 'list'; readonly instances: number }
  /** Watches until `close`. Replies with {@link Heap} when all instances are listed. */
  | { readonly type: 'watch'; readonly instances: number }
  /** Replies with the {@link Cost} since the request before when `changes` changes were seen since `watch`. */
  | { readonly type: 'changes'; readonly changes: number }
  | { readonly type: 'close' };

export interface Cost {
  readonly ms: number;
  /** User and system time, in ms. */
  readonly cpuMs: number;
}

export interface Heap {
  /** Memory that the list takes, also outside of the JavaScript heap. */
  readonly bytes: number;
}
