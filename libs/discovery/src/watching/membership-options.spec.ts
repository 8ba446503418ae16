import { expect, it } from 'vitest';
import { Registry, type RegistryOptions } from '../registry.js';
import { ScriptedBackend } from '../testing/scripted-backend.js';

it.each<[RegistryOptions, string]>([
  [{ relistMs: 0 }, 'INVALID_OPTION: invalid relistMs 0'],
  [{ debounceMs: -1 }, 'INVALID_OPTION: invalid debounceMs -1'],
  [{ lingerMs: Number.NaN }, 'INVALID_OPTION: invalid lingerMs NaN'],
  [{ shrinkGuard: { maxShrink: 2 } }, 'INVALID_OPTION: invalid maxShrink 2'],
  [{ shrinkGuard: { holdMs: -1 } }, 'INVALID_OPTION: invalid holdMs -1'],
  [{ debounceMs: 101 }, 'INVALID_OPTION: invalid debounceMs 101: use 0 to 100 ms'],
  [{ backoff: { initialMs: 0 } }, 'INVALID_OPTION: invalid backoff.initialMs 0'],
  [{ backoff: { maxMs: 5 } }, 'INVALID_OPTION: invalid backoff.maxMs 5'],
  [{ snapshot: { directory: '' } }, 'INVALID_OPTION: invalid snapshot.directory ""'],
  [{ snapshot: { directory: '.', maxAgeMs: 0 } }, 'INVALID_OPTION: invalid snapshot.maxAgeMs 0'],
])('%j is rejected when the registry is opened; the message quotes the value', (options, message) => {
  expect(() => new Registry(new ScriptedBackend(), options)).toThrow(message);
});
