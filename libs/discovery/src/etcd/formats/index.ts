import { goZero, plain } from './address.js';
import type { EtcdFormat } from './format.js';
import { grpc } from './grpc.js';
import { kitex } from './kitex.js';
import { kratos } from './kratos.js';

export type { EtcdFormat, Fields } from './format.js';

export const etcdFormats = { grpc, plain, kratos, 'go-zero': goZero, kitex } as const satisfies Record<
  string,
  EtcdFormat
>;

export type EtcdFormatName = keyof typeof etcdFormats;
