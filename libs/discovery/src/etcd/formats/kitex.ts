import { addressOf } from '../../model/instance.js';
import {
  type EtcdFormat,
  ownKey,
  packOwn,
  parseAddress,
  parseObject,
  scalarsOf,
  unpackOwn,
} from './format.js';

/** Kitex uses this when the weight is missing or not positive. */
const defaultWeight = 10;

/** kitex-contrib `registry-etcd`. */
export const kitex: EtcdFormat = {
  prefix: 'kitex/registry-etcd/',
  keyedBy: 'address',
  carriesOwn: true,
  encode: (instance) =>
    JSON.stringify({
      network: 'tcp',
      address: addressOf(instance),
      weight: instance.weight,
      tags: { ...instance.metadata, [ownKey]: packOwn(instance) },
    }),
  decode(value) {
    const { address, weight, tags } = parseObject(value);
    const { [ownKey]: own, ...metadata } = scalarsOf(tags);
    const foreign = { weight: Number(weight) > 0 ? weight : defaultWeight, metadata };
    return Object.assign(unpackOwn(own) ?? foreign, parseAddress(address));
  },
};
