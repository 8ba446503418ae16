import { afterEach, beforeEach, expect, it } from 'vitest';
import { EchoEnvironment } from '../fixtures/echo-environment.js';
import { parseTarget, targetOf } from './target.js';

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

it('the target of a service names its registry and its filter, and is read back', () => {
  const filter = { tags: ['v2', 'a&b'], version: '1.4', zone: 'eu', metadata: { owner: 'tëam' } };
  const target = targetOf({ scheme: 'consul' }, 'inventory', { name: 'eu', filter });
  expect(target).toMatch(/^consul:\/\/eu\/inventory\?tag=v2&tag=a%26b&version=1\.4&zone=eu&meta\.owner=/);
  const path = target.slice('consul://eu/'.length);
  const service = 'inventory';
  expect(parseTarget({ scheme: 'consul', authority: 'eu', path })).toEqual({
    scheme: 'consul',
    registry: 'eu',
    service,
    filter,
  });
  expect(targetOf({ scheme: 'consul' }, service)).toBe('consul:///inventory');
  expect(() => targetOf({ scheme: 'consul' }, 'no service')).toThrow(/^INVALID_TARGET: /);
  expect(() => targetOf({ scheme: 'consul' }, service, { filter: { version: '' } })).toThrow(
    /^INVALID_TARGET: /,
  );
});
