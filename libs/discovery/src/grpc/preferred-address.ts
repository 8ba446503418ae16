import type { Metadata } from '@grpc/grpc-js';

/**
 * In the options of a call's metadata, which reach the pickers: grpc-js hands them on when it clones metadata, and does not
 * send them. A symbol that all copies of this library share.
 */
const key = Symbol.for('@rollcall/discovery/preferred-address');

type Options = ReturnType<Metadata['getOptions']> & { readonly [key]?: string };

/** Asks the policies of this library to send a call to this instance, `host:port`, if it is connected. */
export function preferAddress(metadata: Metadata, address: string): void {
  const options: Options = { ...metadata.getOptions(), [key]: address };
  metadata.setOptions(options);
}

export function preferredAddress(metadata: Metadata): string | undefined {
  return (metadata.getOptions() as Options)[key];
}
