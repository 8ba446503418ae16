/** A process with one reader: `node worker.js <WorkerOptions as JSON>`. */
import { once, EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { serveRequests } from '../worker-process.js';
import type { Reader } from './bench-registry.js';
import { openConsulControl } from './consul.js';
import { openEtcdControl } from './etcd.js';
import { openLibrary } from './library.js';
import type { Cost, Heap, Request, WorkerOptions } from './messages.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const { url, observer, scope } = JSON.parse(process.argv[2] ?? '') as WorkerOptions;
const reader = await openReader();
const changed = new EventEmitter<{ change: [] }>();
let changes = 0;
let since = { at: performance.now(), cpu: process.cpuUsage() };

serveRequests(async (request: Request): Promise<Cost | Heap | object> => {
  switch (request.type) {
    case 'list': {
      collectGarbage();
      restart();
      assertAll(await reader.list(), request.instances);
      const listCost = cost();
      await reader.close();
      return listCost;
    }
    case 'watch': {
      const before = await usedBytes();
      changes = 0;
      assertAll(await reader.watch(onChange), request.instances);
      const bytes = (await usedBytes()) - before;
      restart();
      return { bytes };
    }
    case 'changes':
      while (changes < request.changes) await once(changed, 'change');
      return cost();
    case 'close':
      await reader.close();
      return {};
  }
});

function openReader(): Promise<Reader> {
  if (observer === 'watch') return openLibrary(url, scope);
  return url.startsWith('etcd') ? openEtcdControl(url, scope) : openConsulControl(url, scope);
}

function onChange(): void {
  changes += 1;
  changed.emit('change');
}

function assertAll(listed: number, instances: number): void {
  if (listed !== instances) throw new Error(`${observer}: ${listed} instances, not ${instances}`);
}

function restart(): void {
  since = { at: performance.now(), cpu: process.cpuUsage() };
}

function cost(): Cost {
  const { user, system } = process.cpuUsage(since.cpu);
  return { ms: performance.now() - since.at, cpuMs: (user + system) / 1_000 };
}

async function usedBytes(): Promise<number> {
  // Buffers are released later than objects, and what they took is subtracted with the next collection.
  for (let i = 0; i < 4; i++) {
    collectGarbage();
    await sleep(100);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
