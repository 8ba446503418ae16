import { loaderOptions, protoDirectory } from './loader.js';

/** What it takes to serve or to call one of the shop's services. `C` is its generated client. */
export interface ServiceContract<C> {
  /** Its name in the registry. */
  readonly service: string;
  /** Its proto package. */
  readonly package: string;
  /** Its name in that package. */
  readonly grpcService: string;
  /** Its .proto file, relative to `includeDirs`. */
  readonly protoPath: string;
  readonly includeDirs: readonly string[];
  readonly loader: typeof loaderOptions;
  /** Never set: carries the type. */
  readonly client?: C;
}

/** The contract of `shop.<domain>.v1`, by the layout of proto/. */
export function contract<C>(service: string, domain: string, grpcService: string): ServiceContract<C> {
  return {
    service,
    package: `shop.${domain}.v1`,
    grpcService,
    protoPath: `shop/${domain}/v1/${domain}.proto`,
    includeDirs: [protoDirectory],
    loader: loaderOptions,
  };
}
