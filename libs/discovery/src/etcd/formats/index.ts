import { addressOf } from '../../model/instance.js';
import { type EtcdFormat, parseAddress } from './format.js';
import { grpc } from './grpc.js';
import { kitex } from './kitex.js';
import { kratos } from './kratos.js';

export type { EtcdFormat, Fields } from './format.js';

/** Values that hold only an address: version, zone, weight, tags and metadata are lost. */
const addressOnly = { carriesOwn: false, encode: addressOf, decode: parseAddress } as const;

export const etcdFormats = {
  grpc,
  /** Hand-written resolvers: `/<service>/<host:port>`, or with `keyedBy: 'id'` `/<service>/<hostname>`. */
  plain: { ...addressOnly, prefix: '/', keyedBy: 'address' },
  kratos,
  /** go-zero `core/discov`: `<service>/<id>`. Its own ids are lease ids; its readers use only the values. */
  'go-zero': { ...addressOnly, prefix: '', keyedBy: 'id' },
  kitex,
} as const satisfies Record<string, EtcdFormat>;

export type EtcdFormatName = keyof typeof etcdFormats;
