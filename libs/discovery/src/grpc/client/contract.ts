import { type Client, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync, type Options, type PackageDefinition } from '@grpc/proto-loader';
import { DiscoveryError } from '../../model/errors.js';

/** What is needed to call or serve one gRPC service. `C` is its generated client type. */
export interface GrpcContract<C extends Client = Client> {
  /** Its name in the registry. */
  readonly service: string;
  /** Its proto package: `shop.inventory.v1`. */
  readonly package: string;
  /** Its name in that package: `InventoryService`. */
  readonly grpcService: string;
  readonly protoPath: string;
  /** Where the imports of the proto are looked up, besides its own folder. */
  readonly includeDirs?: readonly string[];
  readonly loader?: Options;
  /** Never set: carries the type. */
  readonly client?: C;
}

export interface LoadedContract {
  readonly definition: PackageDefinition;
  readonly Client: ServiceClientConstructor;
  /** See the function {@link idempotentMethods}. */
  readonly idempotentMethods: ReadonlySet<string>;
}

const loadedContracts = new WeakMap<GrpcContract, LoadedContract>();

/** Loads the proto of a contract, once. @throws {DiscoveryError} INVALID_OPTION if it has no such service. */
export function loadContract(contract: GrpcContract): LoadedContract {
  const known = loadedContracts.get(contract);
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
  // Only this service, so that its client is found without a walk through the tree of packages.
  const { [contract.grpcService]: Client } = loadPackageDefinition({ [contract.grpcService]: service });
  const loaded = {
    definition,
    Client: Client as ServiceClientConstructor,
    idempotentMethods: idempotentMethods(definition),
  };
  loadedContracts.set(contract, loaded);
  return loaded;
}

/**
 * Paths, `/package.Service/Method`, of the methods whose proto says `idempotency_level = NO_SIDE_EFFECTS` or
 * `IDEMPOTENT`: they may be retried. A name that starts with "Get" does not count.
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
