import { freePort, until } from '@rollcall/tools';
import { expect } from 'vitest';
import { ConsulAgent } from '../consul-agent.js';
import { ConsulArena } from '../consul-arena.js';
import { aSecond, consulOf, type Fault, onlyConsul } from '../fault.js';
import { ask } from '../http-api.js';
import { Trial } from '../trial.js';

/** Two servers, of which each can be lost: the other one is then without a majority, and so without a leader. */
async function pairOf(trial: Trial): Promise<{ arena: ConsulArena; second: ConsulAgent }> {
  const { location, version } = consulOf(trial);
  if (location.how !== 'binary') throw new Error('two servers find each other as programs only');
  const quick = 'autopilot { server_stabilization_time = "100ms" }';
  const arena = await ConsulArena.start(location, { args: ['-hcl', quick] });
  trial.onCleanup(() => arena.close());
  const second = await ConsulAgent.join(arena.server, location.path, 'second', [
    '-server',
    `-server-port=${await freePort()}`,
    '-serf-wan-port=-1',
    ...(version.startsWith('1.8') ? [] : ['-grpc-tls-port=-1']),
  ]);
  trial.onCleanup(() => second.stop());
  await until(async () => (await votersOf(arena)) === 2, {
    deadlineMs: 30_000,
    describe: () => 'the second server to have a vote',
  });
  return { arena, second };
}

async function votersOf({ server }: ConsulArena): Promise<number> {
  const raft = await ask(server, 'GET', '/v1/operator/raft/configuration').catch(() => ({ Servers: [] }));
  return (raft as { Servers: { Voter: boolean }[] }).Servers.filter(({ Voter }) => Voter).length;
}

export const leaders: readonly Fault[] = [
  {
    name: 'Consul without a leader: read as it was, and right when there is one again',
    boundMs: aSecond,
    notFor: onlyConsul,
    notHere(arena) {
      if (!(arena instanceof ConsulArena)) return undefined;
      if (arena.throughClient) return 'of servers: see the column of Consul';
      return arena.location.how === 'binary' ? undefined : 'two servers find each other as programs only';
    },
    async run(trial) {
      const { arena, second } = await pairOf(trial);
      const inner = new Trial(arena);
      trial.onCleanup(() => inner.end());
      await inner.provider(2);
      const observer = await inner.observer();
      await second.kill();
      await inner.until(
        'the server that is left to lose its majority',
        async () => (await ask(arena.server, 'GET', '/v1/status/leader')) === '',
        30_000,
      );
      const late = await inner.look();
      await late.watch.ready();
      expect(late.watch.current).toMatchObject({ source: 'live', instances: { length: 2 } });
      await inner.register(1);
      await second.start();
      await arena.untilServed();
      const tookMs = await inner.cured();
      inner.expectNoDip(observer, 2);
      return tookMs;
    },
  },
];
