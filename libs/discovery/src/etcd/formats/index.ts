import { goZero, plain } from './address.js';
import type { Format } from './format.js';
import { grpc } from './grpc.js';
import { kitex } from './kitex.js';
import { kratos } from './kratos.js';

export type { Format } from './format.js';

export const formats = { grpc, plain, kratos, 'go-zero': goZero, kitex } as const satisfies Record<
  string,
  Format
>;

export type FormatName = keyof typeof formats;
