import { readEnvironment } from '../environment.js';
import { locateRegistry, type LocateOptions, type RegistryLocation } from './locate.js';
import { RegistryServerError, type RegistryKind } from './registry-server.js';

/**
 * Where a test finds its registry: a location for `startRegistryAt`, or undefined, and then a line on standard error
 * says what is skipped and what to install. `describe.skipIf(!location)` is the other half of it.
 * @throws {RegistryServerError} NOT_FOUND where `CI` is set: there a test that does not run is a failure.
 */
export async function registryForTests(
  kind: RegistryKind,
  options: LocateOptions = {},
): Promise<RegistryLocation | undefined> {
  try {
    return await locateRegistry(kind, options);
  } catch (error) {
    if (!(error instanceof RegistryServerError) || readEnvironment().ci) throw error;
    process.stderr.write(`skipped, ${error.message}\n`);
    return undefined;
  }
}
