import { addressOf } from '../../model/instance.js';
import { type EtcdFormat, parseAddress } from './format.js';

/** Values that are an address and nothing else: version, zone, weight, tags and metadata are lost. */
const bareAddress = {
  carriesOwn: false,
  encode: addressOf,
  decode: parseAddress,
} as const satisfies Partial<EtcdFormat>;

/** What hand-written resolvers use: `/<service>/<host:port>`, or with `keyedBy: 'id'` `/<service>/<hostname>`. */
export const plain: EtcdFormat = { ...bareAddress, prefix: '/', keyedBy: 'address' };

/** go-zero `core/discov`: `<service>/<id>`. Its own ids are lease ids; its readers look at values alone. */
export const goZero: EtcdFormat = { ...bareAddress, prefix: '', keyedBy: 'id' };
