import type { CallOptions } from '@grpc/grpc-js';
import type { CallRecord } from '../../calling/call-record.js';

/** In the options of a call. All its interceptors are of one copy of this library. */
const key = Symbol('call record');

type Options = CallOptions & { [key]?: CallRecord };

/** Not spread: Node 20 makes a hidden class for each object that gets further properties after `...`. */
export function withCallRecord<T extends CallOptions>(options: T, record: CallRecord): T {
  return Object.assign({}, options, { [key]: record });
}

/** Undefined if nobody listened when the call began. */
export function callRecordOf(options: CallOptions): CallRecord | undefined {
  return (options as Options)[key];
}
