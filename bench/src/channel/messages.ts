/** `grpc_js_round_robin`, the policy of grpc-js itself, is the control. */
export const policies = ['grpc_js_round_robin', 'round_robin', 'weighted', 'least_request'] as const;
export type Policy = (typeof policies)[number];

export const service = 'channel';

export interface ClientOptions {
  readonly policy: Policy;
  readonly endpoints: number;
  /** The server listens on this port of every loopback address. */
  readonly port: number;
}

/** `none` is the control: the same time without a change. */
export const changes = ['none', 'join', 'leave'] as const;
export type Change = (typeof changes)[number];

export type Request =
  | { readonly type: 'change'; readonly change: Change; readonly measure: Measure }
  | { readonly type: 'picks' };

/** Not at once: measuring the event-loop delay keeps the CPU busy. */
export type Measure = 'cpu' | 'delay';

export interface PickCost {
  /** A pick, and the start and the end of its call as the picker sees them. */
  readonly ns: number;
  readonly bytes: number;
}
