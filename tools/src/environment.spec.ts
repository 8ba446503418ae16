import { expect, it } from 'vitest';
import { readEnvironment } from './environment.js';

it('reads images and binaries from their variables; unset and empty ones have defaults', () => {
  const { registries } = readEnvironment({
    CONSUL_IMAGE: 'mirror/consul:1.22',
    ETCD_BIN: '/opt/etcd',
    ETCD_IMAGE: '',
  });
  expect(registries.consul.current).toMatchObject({ image: 'mirror/consul:1.22', binary: 'consul' });
  expect(registries.etcd.current).toMatchObject({ image: 'quay.io/coreos/etcd:v3.7.3', binary: '/opt/etcd' });
});

it('an old version has a binary only if its variable is set', () => {
  expect(readEnvironment({}).registries.consul.old.binary).toBeUndefined();
  expect(readEnvironment({ CONSUL_OLD_BIN: 'consul-1.8' }).registries.consul.old.binary).toBe('consul-1.8');
});

it('rejects a test URL of another scheme, with the name of the variable and without the password', () => {
  expect(() => readEnvironment({ ETCD_TEST_URL: 'consul://me:secret@h:1' })).toThrow(
    'invalid ETCD_TEST_URL "consul://***@h:1": use etcd://host:port',
  );
});

it.each([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
  ['', false],
  [undefined, false],
])('CI=%s means %s', (value, ci) => {
  expect(readEnvironment(value === undefined ? {} : { CI: value }).ci).toBe(ci);
});

it('children do not inherit the variables of a service', () => {
  const { inherited } = readEnvironment({
    PATH: '/bin',
    REGISTRY_URL: 'file:///x',
    PORT: '1',
    INSTANCE_ID: 'a',
  });
  expect(inherited).toEqual({ PATH: '/bin' });
});
