import { expect, it } from 'vitest';
import type { SubchannelInterface } from '../experimental.js';
import { resetBackoff } from './reconnector.js';

it.each<[string, object]>([
  ['a subchannel without resetBackoff', { getRealSubchannel: () => ({}) }],
  ['a wrapper that hides its subchannel', {}],
])('%s keeps its backoff', (_, subchannel) => {
  expect(() => resetBackoff(subchannel as SubchannelInterface)).not.toThrow();
});
