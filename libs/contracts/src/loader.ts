import { fileURLToPath } from 'node:url';
import type { Options } from '@grpc/proto-loader';

/** Where the .proto files are: beside libs/, in the sources and in the image alike; src/ and dist/ are equally deep. */
export const protoDirectory = fileURLToPath(new URL('../../../proto', import.meta.url));

/**
 * The options that the types were generated for (generate.mjs). Field names come in camel case. 64-bit integers come
 * as numbers: ours are amounts of money and times, far below 2^53.
 */
export const loaderOptions = {
  longs: Number,
  enums: String,
  defaults: true,
  oneofs: true,
} as const satisfies Options;
