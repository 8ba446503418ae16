import { isAbsolute } from 'node:path';
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
  const includeDirs = [...(contract.includeDirs ?? [])];
  // proto-loader finds a relative path there by itself, but warns that no include directory has it.
  if (!isAbsolute(contract.protoPath)) includeDirs.push(process.cwd());
  const definition = loadSync(contract.protoPath, { ...contract.loader, includeDirs });
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
  const services = Object.values(definition).filter((value) => !('format' in value));
  const methods = services.flatMap((service) => Object.values(service) as { readonly path: string }[]);
  return new Set(methods.filter(isIdempotent).map(({ path }) => path));
}

/** Whether the definition of a method by proto-loader says so. */
export function isIdempotent(method: object): boolean {
  const { idempotency_level: level } = (method as { options?: { idempotency_level?: string } }).options ?? {};
  return level === 'NO_SIDE_EFFECTS' || level === 'IDEMPOTENT';
}
