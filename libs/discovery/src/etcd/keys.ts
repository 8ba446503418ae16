/** A range of keys, as etcd takes it. */
export interface KeyRange {
  readonly key: Buffer;
  readonly range_end: Buffer;
}

/** All keys that start with `prefix`; with an empty one, all keys there are. */
export function prefixRange(prefix: string): KeyRange {
  if (prefix === '') return { key: Buffer.from([0]), range_end: Buffer.from([0]) };
  const end = Buffer.from(prefix);
  // Keys end with a slash here, so that the last byte can always be one more.
  end[end.length - 1]! += 1;
  return { key: Buffer.from(prefix), range_end: end };
}
