import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { advertisedAddress } from '@rollcall/discovery';
import { startRegistry, TrackedProcess, until } from '@rollcall/tools';
import { config } from './config.js';
import { nodePrinter } from './node-printer.js';
import { openEtcd } from './service-info.js';

/** The timer keeps the process alive while etcd is away: those of the library do not. */
async function untilSignal(): Promise<void> {
  const timer = setInterval(() => {}, 60_000);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  clearInterval(timer);
}

/** A node: registered until a signal, which revokes its lease. */
async function start(): Promise<void> {
  const registry = openEtcd(config.etcd);
  const { id, name, port, ip = await advertisedAddress({ registryHost: registry.host }) } = config;
  const registration = registry.register({ id, service: name, host: ip, port });
  registration.on('change', ({ status }) => console.log(`${name} ${id}: ${status}`));
  await untilSignal();
  await registry.close();
}

/** Follows every node of every service. */
async function master(): Promise<void> {
  const registry = openEtcd(config.etcd);
  const [watch, print] = [registry.watchAll(), nodePrinter()];
  if (config.once) {
    print(await watch.ready(AbortSignal.timeout(5_000)));
  } else {
    watch.onChange(() => console.clear()); // Only on a terminal.
    watch.onChange(print);
    await untilSignal();
  }
  await registry.close();
}

/** etcd, three nodes, each in a process, and a master. */
async function demo(): Promise<void> {
  const etcd = await startRegistry('etcd', { prefer: ['given', 'binary', 'container'] });
  const host = `${etcd.host}:${etcd.port}`;
  const registry = openEtcd({ hosts: [host] });
  const watch = registry.watchAll();
  watch.onChange(nodePrinter());
  const node = (name: string, id: number, port: number) => {
    const flags = [`--etcd=${host}`, `--name=${name}`, `--id=${id}`, `--port=${port}`];
    const args = [fileURLToPath(import.meta.url), 'start', ...flags];
    return TrackedProcess.start({ command: process.execPath, args, onLine: (line) => console.log(line) });
  };
  const step = async (title: string, action: () => Promise<unknown>, nodes: number) => {
    console.log(`--- ${title}`);
    await action();
    const isDone = () => watch.current.source === 'live' && watch.current.instances.length === nodes;
    await until(isDone, { deadlineMs: 60_000, describe: () => `${nodes} nodes` });
  };
  const nodes = await Promise.all([node('web', 1, 8001), node('web', 2, 8002), node('db', 1, 5432)]);
  await step('three nodes are started', async () => {}, 3);
  if (etcd.how !== 'given') await step('etcd is restarted', () => etcd.start(), 3);
  if (etcd.how !== 'given')
    await step('etcd is restarted without its data', () => etcd.start({ wipe: true }), 3);
  await step('web 2 is stopped: its lease is revoked', () => nodes[1].stop(10_000), 2);
  await step('db 1 is killed: its lease of 5 s expires', () => nodes[2].kill(), 1);
  await Promise.all([nodes[0].stop(10_000), registry.close()]);
  await etcd.stop();
}

const roles: Record<string, () => Promise<void>> = { start, master, demo };
const run = roles[config.role];
if (!run) throw new Error(`unknown role "${config.role}": use one of ${Object.keys(roles).join(', ')}`);
await run();
