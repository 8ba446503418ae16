/** What is looked at a burst with: the control, or the library. */
export type How = 'count' | 'watch';

export type Request =
  | { readonly what: 'look'; readonly how: How; readonly service: string }
  | { readonly what: 'burst'; readonly service: string; readonly instances: number; readonly overMs: number }
  | { readonly what: 'report'; readonly instances: number };

export interface Cost {
  /** User and system time of the process that looks, in ms. */
  readonly cpuMs: number;
  /** The longest that its event loop kept anyone waiting, in ms. */
  readonly delayMs: number;
  /** How many times the reader was told. */
  readonly told: number;
}
