import { type Client, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync, type Options, type PackageDefinition } from '@grpc/proto-loader';
import { DiscoveryError } from '../../model/errors.js';

/** What it takes to call, or to serve, one gRPC service. `C` is its generated client type. */
export interface GrpcContract<C extends Client = Client> {
  /** Its name in the registry. */
  readonly service: string;
  /** Its proto package: `shop.inventory.v1`. */
  readonly package: string;
  /** Its name in that package: `InventoryService`. */
  readonly grpcService: string;
  readonly protoPath: string;
  /** Where the imports of the proto are looked for, besides beside it. */
  readonly includeDirs?: readonly string[];
  readonly loader?: Options;
  /** Never set: carries the type. */
  readonly client?: C;
}

export interface LoadedContract {
  readonly definition: PackageDefinition;
  readonly Client: ServiceClientConstructor;
  /** Paths of the methods that may be sent again, `/package.Service/Method`: see {@link idempotentMethods}. */
  readonly idempotent: ReadonlySet<string>;
}

const loaded = new WeakMap<GrpcContract, LoadedContract>();

/** Loads the proto of a contract, once. @throws {DiscoveryError} INVALID_OPTION when it has no such service. */
export function loadContract(contract: GrpcContract): LoadedContract {
  const known = loaded.get(contract);
  if (known) return known;
  const definition = loadSync(contract.protoPath, {
    ...contract.loader,
    includeDirs: [...(contract.includeDirs ?? [])],
  });
  const name = `${contract.package}.${contract.grpcService}`;
  const service = definition[name];
  if (!service || 'format' in service) {
    throw new DiscoveryError('INVALID_OPTION', `${contract.protoPath} has no service ${name}`);
  }
  // One service alone, so that its client is found without walking the tree of packages.
  const { [contract.grpcService]: Client } = loadPackageDefinition({ [contract.grpcService]: service });
  const result = {
    definition,
    Client: Client as ServiceClientConstructor,
    idempotent: idempotentMethods(definition),
  };
  loaded.set(contract, result);
  return result;
}

/**
 * Paths of the methods whose proto says `idempotency_level = NO_SIDE_EFFECTS` or `IDEMPOTENT`: those may be sent twice.
 * Nothing else says so: a name that starts with "Get" promises nothing.
 */
export function idempotentMethods(definition: PackageDefinition): ReadonlySet<string> {
  const paths = new Set<string>();
  for (const service of Object.values(definition)) {
    if ('format' in service) continue;
    for (const method of Object.values(service)) {
      const { path, options } = method as { path: string; options?: { idempotency_level?: string } };
      if (options?.idempotency_level === 'NO_SIDE_EFFECTS' || options?.idempotency_level === 'IDEMPOTENT')
        paths.add(path);
    }
  }
  return paths;
}
