import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startRegistry, TrackedProcess, until } from '@rollcall/tools';

// etcd, ten gateways and three servers; a fourth server comes and goes under load.
const etcd = await startRegistry('etcd', { prefer: ['given', 'binary', 'container'] });
const log: string[] = [];
const programOf = (name: string) => fileURLToPath(new URL(`${name.split('-')[0]}.js`, import.meta.url));
const start = (name: string) =>
  TrackedProcess.start({
    command: process.execPath,
    args: [programOf(name), `--hostname=${name}`, `--etcd=${etcd.host}:${etcd.port}`],
    onLine(line) {
      log.push(`${name} ${line}`);
      if (!line.includes('trace_id')) console.log(log.at(-1));
    },
  });
const untilLogged = (text: string, times: number) =>
  until(() => log.filter((line) => line.includes(text)).length >= times, {
    deadlineMs: 60_000,
    describe: () => `${times} lines with ${text}`,
  });

const gateways = await Promise.all(Array.from({ length: 10 }, (_, i) => start(`gateway-${i + 1}`)));
await untilLogged('"gateway"', 10);
const addresses = log.flatMap((line) => /"gateway":"(.*)"/.exec(line)?.[1] ?? []);
const list = async (address = addresses[0]!) => (await fetch(`http://${address}/goods/list`)).text();
console.log(`--- without goods: ${await list()}`);
const goods = await Promise.all(['goods-1', 'goods-2', 'goods-3'].map(start));
await untilLogged('"added"', 30);
console.log('--- under load, goods is scaled from 3 to 4');
const responses: string[] = [];
const load = new AbortController();
const loads = addresses.map(async (address) => {
  for (; !load.signal.aborted; await sleep(20)) responses.push(await list(address));
});
const fourth = await start('goods-4');
await untilLogged('"added"', 40);
await untilLogged('goods-4 {"trace_id"', 100);
console.log('--- and back to 3');
await fourth.stop(10_000);
await untilLogged('"dropped"', 10);
load.abort();
await Promise.all(loads);
for (const processes of [gateways, goods]) await Promise.all(processes.map((each) => each.stop(10_000)));
await etcd.stop();
const failed = responses.filter((response) => !response.startsWith('{"code":0,'));
console.log(`--- ${responses.length} requests, ${failed.length} failed. The last one: ${responses.at(-1)}`);
const trace = /"trace_id":\d+/.exec(responses.at(-1)!)![0];
for (const line of log.toSorted()) if (line.includes(trace)) console.log(line);
