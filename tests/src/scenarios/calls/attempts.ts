import { setTimeout as sleep } from 'node:timers/promises';
import type { CallWindow } from './call-stats.js';
import type { Caller } from './caller.js';
import type { InstanceApi } from './instance-main.js';
import type { ServiceInstance } from './instance.js';

type Attempts = ReturnType<InstanceApi['attempts']>;

/** All calls that arrived at `instances`, by method. */
export async function attemptsAt(instances: readonly ServiceInstance[]): Promise<Attempts> {
  const counts = await Promise.all(instances.map(({ remote }) => remote.call('attempts')));
  const sum = (method: keyof Attempts) => counts.reduce((all, count) => all + count[method], 0);
  return { get: sum('get'), report: sum('report'), add: sum('add'), watch: sum('watch') };
}

/** Calls for `ms`. Nothing is in flight before and after, so that attempts and calls are those of the same calls. */
export async function countAttempts(
  caller: Caller,
  instances: readonly ServiceInstance[],
  ms: number,
): Promise<{ window: CallWindow; besides: number; attempts: Attempts }> {
  await caller.stop();
  const [before, besidesBefore] = [await attemptsAt(instances), await caller.besides()];
  await caller.resume();
  await sleep(ms);
  const window = await caller.stop();
  const [after, besides] = [await attemptsAt(instances), (await caller.besides()) - besidesBefore];
  const added = (method: keyof Attempts) => after[method] - before[method];
  const attempts = { get: added('get'), report: added('report'), add: added('add'), watch: added('watch') };
  return { window, besides, attempts };
}

/** How many calls ran more than once, at one instance or at two. */
export async function duplicatesAt(instances: readonly ServiceInstance[]): Promise<number> {
  const numbers = (await Promise.all(instances.map(({ remote }) => remote.call('numbers')))).flat();
  return numbers.length - new Set(numbers).size;
}
