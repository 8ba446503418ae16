import { afterEach, expect, it, vi } from 'vitest';
import { forgetSuspicion, noteSuspicion, suspectedSince } from './suspicions.js';

afterEach(() => vi.resetModules());

it('copies of the library share the suspicions of their clients', async () => {
  vi.resetModules();
  const copy = await import('./suspicions.js');
  expect(copy.noteSuspicion).not.toBe(noteSuspicion);
  const [client, other] = [{}, {}];
  copy.noteSuspicion('goods', '127.0.0.1:1', client);
  noteSuspicion('goods', '127.0.0.1:1', other);
  expect(suspectedSince('goods', '127.0.0.1:1')).toBeInstanceOf(Date);
  copy.forgetSuspicion('goods', '127.0.0.1:1', client);
  expect(suspectedSince('goods', '127.0.0.1:1')).toBeInstanceOf(Date);
  forgetSuspicion('goods', '127.0.0.1:1', other);
  expect(copy.suspectedSince('goods', '127.0.0.1:1')).toBeUndefined();
});
