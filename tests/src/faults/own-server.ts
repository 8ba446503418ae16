import {
  registryForTests,
  type RegistryKind,
  type RegistryLocation,
  type RegistrySource,
  type RegistryVersion,
} from '@rollcall/tools';

/** A server that is ours to break: never one that was given. Undefined where none is to be had, with a line that says so. */
export function ownServer(
  kind: RegistryKind,
  version: RegistryVersion,
  prefer: readonly RegistrySource[] = ['binary', 'container'],
): Promise<RegistryLocation | undefined> {
  return registryForTests(kind, { version, prefer });
}
