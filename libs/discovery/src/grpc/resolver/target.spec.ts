import { afterEach, beforeEach, expect, it } from 'vitest';
import { EchoEnvironment } from '../fixtures/echo-environment.js';
import { parseTarget } from './target.js';

let environment: EchoEnvironment;
beforeEach(() => {
  environment = new EchoEnvironment();
});
afterEach(() => environment.close());

it.each(['user.rpc', 'User', 'Shop.Users_v2', 'a_b', '4711.rpc'])(
  'service %s, named by another system, can be called',
  async (service) => {
    const server = await environment.server('a');
    environment.publish(server.instance);
    expect(await environment.channel({}, { target: `scripted:///${service}` }).call()).toBe('a');
  },
);

it.each(['my service', '1234', 'shop.1', 'shop.0x1', 'größer', 'user.', '.rpc'])(
  'service %s cannot be an authority: INVALID_TARGET, with the way out',
  (service) => {
    expect(() => parseTarget({ scheme: 'consul', path: service })).toThrow(
      /^INVALID_TARGET: .*:authority.*register the service under a DNS label/,
    );
  },
);
