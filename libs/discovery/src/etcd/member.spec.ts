import { expect, it } from 'vitest';
import { Member } from './member.js';

const hosts = ['etcd:2379', '10.0.0.1:2379', '[::1]:2379'];

it.each(hosts)(
  'a member at %s is a name for DNS, whatever schemes resolvers have registered',
  async (host) => {
    const member = new Member(host, false);
    const target = await member.use('KV', async ({ client }) => client.getChannel().getTarget());
    expect(target).toBe(`dns:///${host}`);
    await member.abandon();
  },
);
