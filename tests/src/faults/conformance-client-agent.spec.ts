import { conformanceCases } from '@rollcall/discovery/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { harnesses } from '../registries/conformance-harnesses.js';
import { ConsulArena } from './consul-arena.js';
import { ownServer } from './own-server.js';

const location = await ownServer('consul', 'current', ['binary']);

/** The suite of the other registries, with a client agent in between. */
describe.skipIf(!location)('consul client agent', () => {
  let arena: ConsulArena;
  beforeAll(async () => {
    if (location) arena = await ConsulArena.startWithClient(location);
  });
  afterAll(() => arena?.close());

  it.for(conformanceCases.map((each) => [each.name, each] as const))('%s', async ([, each], { skip }) => {
    // What is reached is the agent; what goes away is the server behind it.
    const { host, port } = arena.agent;
    const direct = harnesses.consul({ ...arena.server, host, port });
    const outage = direct.outage && {
      ...direct.outage,
      end: async () => {
        await direct.outage?.end();
        await arena.untilServed();
      },
    };
    const harness = { ...direct, ...(outage && { outage }), patienceMs: 60_000 };
    const reason = each.skipped(harness);
    skip(reason !== undefined, reason);
    await expect(each.run(harness)).resolves.toBeUndefined();
  });
});
