import { expect, it } from 'vitest';
import type { SubchannelInterface } from '../experimental.js';
import { resetBackoff } from './reset-backoff.js';

it.each<[string, object]>([
  ['a subchannel that cannot be reset', { getRealSubchannel: () => ({}) }],
  ['a wrapper that hides it', {}],
])('%s is left to its backoff', (_, subchannel) => {
  expect(() => resetBackoff(subchannel as SubchannelInterface)).not.toThrow();
});
