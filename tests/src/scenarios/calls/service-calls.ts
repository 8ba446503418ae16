import type { Request } from './contract.js';

export type Protocol = 'grpc' | 'http';

/** How a caller calls a service: what both protocols can do. */
export interface ServiceCalls {
  /** Whether an instance is ready. Connects where there was no call yet. */
  connected(): boolean;
  /** `get` and `report` are idempotent. Resolves with the id of the instance that responded. */
  call(method: 'get' | 'report' | 'add', request: Request, withinMs: number): Promise<string>;
  /** A stream of responses. Rejects when it ends, with the reason of `signal` when that has aborted. */
  watch(request: Request, signal: AbortSignal): Promise<void>;
  /** Describes why a call failed, without what differs from call to call. */
  reasonOf(error: unknown): string;
}

/** Without addresses and times. */
export function withoutVariables(text: string): string {
  return text.replace(/ after [\d.]+s.*/, '').replaceAll(/[\d.]+:\d+/g, 'an address');
}
