import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import {
  registryForTests,
  type RegistryServer,
  startRegistryAt,
  TrackedProcess,
  until,
} from '@rollcall/tools';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EtcdFixture } from '../registries/etcd-fixture.js';

const program = fileURLToPath(new URL('../../../examples/catalogue/dist/main.js', import.meta.url));
const location = await registryForTests('etcd', { prefer: ['binary', 'container'] });

const processes: TrackedProcess[] = [];
let server: RegistryServer;
let etcd: EtcdFixture;
beforeEach(async () => {
  if (!location) return;
  server = await startRegistryAt(location);
  etcd = new EtcdFixture(server);
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((each) => each.kill()));
  await server?.stop();
});

async function run(command: string, args: readonly string[]) {
  const lines: string[] = [];
  const child = await TrackedProcess.start({
    command,
    args,
    onLine: (line) => lines.push(stripVTControlCharacters(line)),
  });
  processes.push(child);
  const untilPrinted = (what: string, condition: (lines: readonly string[]) => boolean) =>
    until(() => condition(lines), {
      deadlineMs: 30_000,
      describe: () => `${what}; it printed ${lines.join('\n')}`,
    });
  return { child, lines, untilPrinted };
}
const example = (role: string, ...flags: string[]) =>
  run(process.execPath, [program, role, `--etcd=${server.host}:${server.port}`, ...flags]);

/** A node whose value in etcd is `info`. */
async function startNode(name: string, id: number) {
  const info = { ID: id, IP: '10.0.0.1', Port: 8000 + id };
  const node = await example(
    'start',
    `--name=${name}`,
    `--id=${id}`,
    `--ip=${info.IP}`,
    `--port=${info.Port}`,
  );
  const times = (status: string) => node.lines.filter((line) => line === `${name} ${id}: ${status}`).length;
  await node.untilPrinted('to be registered', () => times('registered') === 1);
  return { ...node, key: `services/${name}/${id}`, info, times };
}
const startThree = () => Promise.all([startNode('web', 1), startNode('web', 2), startNode('db', 1)]);

type Node = Pick<Awaited<ReturnType<typeof startNode>>, 'key' | 'info'>;
const up = ({ key, info }: Node) => JSON.stringify({ event: 'up', key, info });
const gone = ({ key, info }: Node) => JSON.stringify({ event: 'gone', key, info });
/** The nodes that are up, after all of these lines. */
function nodesAfter(lines: readonly string[]): readonly string[] {
  const latest = new Map<string, string>();
  for (const line of lines) {
    if (!line.startsWith('{"event":"up"') && !line.startsWith('{"event":"gone"')) continue;
    latest.set((JSON.parse(line) as Node).key, line);
  }
  return [...latest.values()].filter((line) => line.startsWith('{"event":"up"')).toSorted();
}

async function printedOnce(): Promise<readonly string[]> {
  const once = await example('master', '--once');
  expect(await once.child.exited).toEqual({ code: 0, signal: null });
  return once.lines;
}

describe.skipIf(!location)('the example "catalogue"', () => {
  it('the master sees every node come and go: started, stopped, revoked, killed, deleted', async () => {
    const master = await example('master');
    const nodes = await startThree();
    const [web1, web2, db1] = nodes;
    await master.untilPrinted('three nodes', (lines) => nodes.every((node) => lines.includes(up(node))));
    for (const { key, info } of nodes) {
      const [stored] = await etcd.get(key);
      expect(stored).toMatchObject({ key, value: JSON.stringify(info) });
      const ttl = await etcd.api('lease/timetolive', { ID: stored!.lease });
      expect(ttl).toMatchObject({ grantedTTL: '5' });
    }
    const printed = await printedOnce();
    expect(printed).toEqual(['{"event":"live"}', up(db1), up(web1), up(web2)]);

    await db1.child.kill();
    // The first of two with the same id keeps the key.
    const intruder = await example('start', '--name=web', '--id=1', '--ip=10.0.0.9');
    await intruder.untilPrinted('the conflict', (lines) =>
      lines.join('\n').includes('CONFLICT: services/web/1'),
    );
    expect(await etcd.get(web1.key)).toMatchObject([{ value: JSON.stringify(web1.info) }]);
    await intruder.child.stop(10_000);
    expect(await etcd.get(web1.key)).toHaveLength(1);

    // Of somebody else: one that is unreadable, and one that is not.
    const foreign = { key: 'services/cache/7', info: { ID: 7, IP: '10.0.0.7', Port: 6379 } };
    await etcd.put('services/cache/8', '{"ID":8,"IP":"10.0.0.8"}');
    await etcd.put(foreign.key, JSON.stringify(foreign.info));
    await master.untilPrinted('the foreign node', (lines) => lines.includes(up(foreign)));
    expect(master.lines.join('\n')).toMatch(/^warn: .*services\/cache\/8.*port/m);
    await etcd.delete(foreign.key);
    await master.untilPrinted('its deletion', (lines) => lines.includes(gone(foreign)));

    const lease = (await etcd.get(web2.key))[0]!.lease;
    expect(await web2.child.stop(10_000)).toEqual({ code: 0, signal: null });
    expect(await etcd.leases()).not.toContain(lease);
    await master.untilPrinted('the stop', (lines) => lines.includes(gone(web2)));

    await etcd.api('lease/revoke', { ID: (await etcd.get(web1.key))[0]!.lease });
    await web1.untilPrinted('to register again', () => web1.times('registered') === 2);
    await master.untilPrinted('the end of the lease of db 1', (lines) => lines.includes(gone(db1)));
    expect(nodesAfter(master.lines)).toEqual([up(web1)]);
  });

  it('survives the restart of etcd, and the loss of its data', async () => {
    const stranger = await run(process.execPath, [program, 'master', '--etcd=127.0.0.1:9', '--once']);
    const master = await example('master');
    const nodes = await startThree();
    const all = nodes.map(up).toSorted();
    await master.untilPrinted('three nodes', (lines) => nodesAfter(lines).length === 3);

    await server.kill();
    await master.untilPrinted('the outage', (lines) => lines.includes('{"event":"last-known-good"}'));
    await server.start();
    const isLive = (lines: readonly string[]) =>
      lines.findLast((line) => /"(live|last-known-good)"/.test(line)) === '{"event":"live"}';
    await master.untilPrinted('the end of the outage', isLive);
    expect(nodesAfter(master.lines)).toEqual(all);

    await server.start({ wipe: true });
    await Promise.all(
      nodes.map((node) => node.untilPrinted('to register again', () => node.times('registered') >= 2)),
    );
    await master.untilPrinted('all nodes', (lines) => isLive(lines) && nodesAfter(lines).length === 3);
    expect(nodesAfter(master.lines)).toEqual(all);
    expect(nodesAfter(await printedOnce())).toEqual(all);

    expect(await stranger.child.exited).toEqual({ code: 1, signal: null });
    expect(stranger.lines.join('\n')).toMatch(/REGISTRY_UNAVAILABLE: etcd at 127.0.0.1:9/);
  });

  it.skipIf(process.platform !== 'linux')('on a terminal it is a table', async () => {
    const [web1, web2] = await startThree();
    const args = [program, 'master', `--etcd=${server.host}:${server.port}`];
    // A program with a terminal of its own.
    const terminal = await run('script', ['-qec', [process.execPath, ...args].join(' '), '/dev/null']);
    const last = () => terminal.lines.slice(terminal.lines.findLastIndex((line) => line.includes('(index)')));
    const row = ({ key, info }: Node) =>
      new RegExp(`│ ${key} +│ ${info.ID} +│ '${info.IP}' +│ ${info.Port} +│`);
    await terminal.untilPrinted(
      'three rows',
      () =>
        last()
          .join('\n')
          .match(/services/g)?.length === 3,
    );
    expect(last().join('\n')).toMatch(row(web2));
    await web2.child.stop(10_000);
    await terminal.untilPrinted(
      'two rows',
      () =>
        last()
          .join('\n')
          .match(/services/g)?.length === 2,
    );
    expect(last().join('\n')).toMatch(row(web1));
  });
});
