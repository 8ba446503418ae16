export type ObserverKind = 'control' | 'watch';

export type Request =
  | { readonly type: 'observe'; readonly observer: ObserverKind; readonly service: string }
  | { readonly type: 'burst'; readonly service: string; readonly instances: number; readonly overMs: number }
  | { readonly type: 'report'; readonly instances: number };

/** The cost of a burst for the process that observes it. */
export interface Cost {
  /** User and system time, in ms. */
  readonly cpuMs: number;
  /** The longest event-loop delay, in ms. */
  readonly eventLoopDelayMs: number;
  readonly notifications: number;
}
