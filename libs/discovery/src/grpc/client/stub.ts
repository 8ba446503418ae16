import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { DiscoveryError } from '../../model/errors.js';
import { describeInvalid, invalidOption } from '../../model/invalid-option.js';
import { type GrpcContract, isIdempotent, loadContract } from './contract.js';
import type { GrpcStub } from './stub-types.js';

/** A method of a service. Only what a client needs: some generators leave out the rest. */
export type StubMethod = Pick<
  MethodDefinition<unknown, unknown>,
  'path' | 'requestStream' | 'responseStream' | 'requestSerialize' | 'responseDeserialize'
>;

/** Names of a `GrpcClient` that no method can have. */
const reservedNames = ['close', 'getConnectivityState'];

/** The methods of a stub, by their names in camel case. @throws {DiscoveryError} INVALID_OPTION. */
export function stubMethods(stub: GrpcStub): ReadonlyMap<string, StubMethod> {
  const definition = serviceDefinition(stub);
  const methods = new Map<string, StubMethod>();
  for (const [key, method] of Object.entries(definition)) {
    if (!isMethod(method)) throw invalidStub(stub);
    const name = key.charAt(0).toLowerCase() + key.slice(1);
    if (reservedNames.includes(name)) {
      throw new DiscoveryError(
        'INVALID_OPTION',
        `${method.path} has the name of a method that every client has: use a client of grpc-js with interceptors()`,
      );
    }
    methods.set(name, method);
  }
  if (methods.size === 0) throw invalidStub(stub);
  return methods;
}

/**
 * The paths of the methods that may be retried: those whose proto says so, if the stub carries that, and those in `names`.
 * @throws {DiscoveryError} INVALID_OPTION if neither is there, or `names` has a name that is not one of a unary method.
 */
export function idempotentPaths(
  methods: ReadonlyMap<string, StubMethod>,
  names: readonly string[] | undefined,
): ReadonlySet<string> {
  const paths = new Set([...methods.values()].filter(isIdempotent).map(({ path }) => path));
  const unary = [...methods].flatMap(([name, method]) => (isUnary(method) ? [name] : []));
  if (!names) {
    if ([...methods.values()].every(carriesIdempotency)) return paths;
    const [service] = [...methods.values()].map(({ path }) => path.split('/')[1]);
    throw new DiscoveryError(
      'INVALID_OPTION',
      `the stub of ${service} does not say which methods are idempotent: set idempotentMethods to the names of those that may be retried (of ${unary.join(', ')}), or to [] for none`,
    );
  }
  if (!Array.isArray(names)) throw invalidOption('idempotentMethods', names, 'use a list of method names');
  for (const name of names) {
    if (!unary.includes(name)) {
      const advice = methods.has(name) ? 'only unary calls are retried' : 'there is no such method';
      throw invalidOption('idempotentMethods', name, `${advice}; choose from ${unary.join(', ')}`);
    }
    paths.add(methods.get(name)!.path);
  }
  return paths;
}

export function isUnary({ requestStream, responseStream }: StubMethod): boolean {
  return !requestStream && !responseStream;
}

function serviceDefinition(stub: GrpcStub): ServiceDefinition {
  if (typeof stub === 'object' && stub !== null)
    return isContract(stub) ? loadContract(stub).Client.service : stub;
  const { service } = (stub ?? {}) as { service?: unknown };
  if (typeof service !== 'object' || service === null) throw invalidStub(stub);
  return service as ServiceDefinition;
}

function isContract(stub: object): stub is GrpcContract {
  return typeof (stub as Partial<GrpcContract>).protoPath === 'string';
}

function isMethod(value: unknown): value is StubMethod {
  const { path, requestSerialize, responseDeserialize } = (value ?? {}) as Partial<StubMethod>;
  return (
    typeof path === 'string' &&
    typeof requestSerialize === 'function' &&
    typeof responseDeserialize === 'function'
  );
}

/** Definitions of proto-loader carry the options of the proto, from version 0.7.13 on. Other generators drop them. */
function carriesIdempotency(method: StubMethod): boolean {
  const { options } = method as { options?: { idempotency_level?: unknown } };
  return options?.idempotency_level !== undefined;
}

function invalidStub(stub: unknown): DiscoveryError {
  const shown = typeof stub === 'function' ? stub.name : stub;
  const advice =
    'use a GrpcContract, the service definition of one service (of grpc-js), or its generated client constructor';
  return new DiscoveryError('INVALID_OPTION', describeInvalid('stub', shown, advice));
}
