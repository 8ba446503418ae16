import type { AnyDefinition, PackageDefinition, ServiceDefinition } from '@grpc/proto-loader';

/** The full names of the services in `packages`. */
export function serviceNames(definition: PackageDefinition, packages: string | readonly string[]): string[] {
  const prefixes = [packages].flat().map((name) => `${name}.`);
  return Object.keys(definition).filter(
    (name) => isService(definition[name]!) && prefixes.some((prefix) => name.startsWith(prefix)),
  );
}

/** The paths of all methods that respond with a stream. */
export function streamPaths(definition: PackageDefinition): Set<string> {
  const methods = Object.values(definition)
    .filter(isService)
    .flatMap((service) => Object.values(service));
  return new Set(methods.filter(({ responseStream }) => responseStream).map(({ path }) => path));
}

/** Messages and enums have a format. */
function isService(definition: AnyDefinition): definition is ServiceDefinition {
  return !('format' in definition);
}
