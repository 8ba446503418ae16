import { expect, it } from 'vitest';
import { defineInstance } from '../model/instance.js';
import { suspectedSince } from '../runtime/suspicions.js';
import { InstancePicker } from './instance-picker.js';

it('what a client suspects ends with the client', () => {
  const instance = defineInstance({ id: 'a', service: 'shop', host: '192.0.2.1', port: 1, registeredAt: 0 });
  const picker = new InstancePicker('round_robin');
  picker.pick([instance])!.health.doubt(100, true);
  expect(suspectedSince('shop', '192.0.2.1:1')).toBeInstanceOf(Date);
  picker.close();
  expect(suspectedSince('shop', '192.0.2.1:1')).toBeUndefined();
});
