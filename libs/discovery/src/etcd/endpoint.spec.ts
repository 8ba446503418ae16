import * as etcd3 from 'etcd3';
import { expect, it } from 'vitest';
import { Endpoint } from './endpoint.js';

const hosts = ['etcd:2379', '10.0.0.1:2379', '[::1]:2379'];

it.each(hosts)('an endpoint at %s is resolved by DNS, whatever schemes are registered', async (host) => {
  const endpoint = new Endpoint(etcd3, host, false);
  const target = await endpoint.use('KV', async ({ client }) => client.getChannel().getTarget());
  expect(target).toBe(`dns:///${host}`);
  await endpoint.abandon();
});
