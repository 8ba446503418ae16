import { fileURLToPath } from 'node:url';
import type { Options } from '@grpc/proto-loader';

/** The same path from src/ and from dist/, in a checkout and in the image. */
const protoDirectory = fileURLToPath(new URL('../../../proto', import.meta.url));

/**
 * The options that generate.mjs generates the types for. Field names are in camel case. 64-bit integers are numbers:
 * ours are amounts of money and timestamps, far below 2^53.
 */
const loaderOptions = {
  longs: Number,
  enums: String,
  defaults: true,
  oneofs: true,
} as const satisfies Options;

/**
 * What a gRPC server or client of `shop.<domain>.v1` needs; it has the shape of discovery's `GrpcContract`.
 * `service` is the name in the registry, `C` the generated client.
 */
export function contract<C>(service: string, domain: string, grpcService: string) {
  return {
    service,
    package: `shop.${domain}.v1`,
    grpcService,
    protoPath: `shop/${domain}/v1/${domain}.proto`,
    includeDirs: [protoDirectory],
    loader: loaderOptions,
    // Never set; carries the type of the client.
    ...({} as { readonly client?: C }),
  };
}
