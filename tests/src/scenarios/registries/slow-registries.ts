import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultProxy } from '@rollcall/discovery/testing';
import { expect } from 'vitest';
import type { RegistryRun } from './registry-run.js';
import { needsConnection, oneSecond, type RegistryScenario } from './registry-scenario.js';

const faultMs = 10_000;
/** The longest wait for the list of a watch that starts meanwhile, in ms. */
const listWithinMs = 25_000;
const hintEveryMs = 100;
/** The promised bound on sessions, and on connections. */
const perSecond = 10;
/** The library's default, and a TTL that survives the fault as an instance of a real system would. */
const patient = { requestTimeoutMs: 2_000, ttlMs: 15_000 };

interface SlowRegistry {
  readonly name: string;
  readonly begin: (proxy: FaultProxy) => void;
  /** Whether some responses arrive in time, so that a watch that starts now gets its list. */
  readonly answers: boolean;
}

const slowRegistries: readonly SlowRegistry[] = [
  {
    name: 'responses take 1 to 3 s',
    begin: (proxy) => proxy.delayResponses(1_000, 3_000),
    answers: true,
  },
  { name: 'no response for 10 s', begin: (proxy) => proxy.blackHole(), answers: false },
  {
    name: 'responses arrive at a byte a second',
    begin: (proxy) => proxy.throttleResponses(1),
    answers: false,
  },
  {
    name: 'half of the connections are refused and the others last a second',
    begin: (proxy) => proxy.refuseEverySecond(1_000),
    answers: true,
  },
];

/** Instances and watchers meet the slow registry, a second watcher starts in it, and all watchers get hints all the time. */
async function runSlow(run: RegistryRun, { begin, answers }: SlowRegistry): Promise<number> {
  const provider = await run.provider(2, patient);
  const observer = await run.observer(patient);
  const proxies = [provider.proxy!, observer.proxy!];
  for (const proxy of proxies) begin(proxy);
  const newcomer = await run.startObserver(patient);
  begin(newcomer.proxy!);
  const observers = [observer, newcomer];
  const hints = setInterval(() => {
    for (const { watch } of observers) watch.refresh();
  }, hintEveryMs);
  run.onCleanup(async () => clearInterval(hints));

  const before = { sessions: sessionsOf(observer), accepted: proxies.map(({ accepted }) => accepted) };
  let listedAfterMs: number | undefined;
  const from = performance.now();
  const passedMs = () => performance.now() - from;
  const isOver = () => passedMs() >= (answers && listedAfterMs === undefined ? listWithinMs : faultMs);
  while (!isOver()) {
    if (newcomer.watch.current.instances.length === 2) listedAfterMs ??= passedMs();
    await sleep(20);
  }
  const seconds = passedMs() / 1_000;
  const { lastError } = newcomer.watch.current;
  const sessions = sessionsOf(observer) - before.sessions;
  const connections = proxies.map(({ accepted }, i) => accepted - before.accepted[i]!);
  const listed =
    listedAfterMs === undefined ? 'no list' : `a list after ${(listedAfterMs / 1_000).toFixed(1)} s`;
  run.findings.note(
    `in ${seconds.toFixed(0)} s ${sessions} sessions, ${connections.join(' and ')} connections; a new watch had ${listed}`,
  );
  const failures = provider.states.filter(({ status }) => status === 'lost').length;
  run.findings.note(failures === 0 ? 'registered all the time' : `${failures} failed attempts to register`);
  await Promise.all([...proxies, newcomer.proxy!].map((proxy) => proxy.restore()));
  const tookMs = await run.recovered();
  clearInterval(hints);

  run.expectNeverBelow(2, observer);
  if (answers && listedAfterMs === undefined) throw new Error('a watch that started meanwhile got no list');
  if (!answers) expect(lastError?.code).toBe('REGISTRY_UNAVAILABLE');
  for (const count of [sessions, ...connections]) expect(count).toBeLessThanOrEqual(perSecond * seconds);
  return tookMs;
}

function sessionsOf({ watch }: { readonly watch: { why(): { counters: { sessions: number } } } }): number {
  return watch.why().counters.sessions;
}

export const slowRegistryScenarios: readonly RegistryScenario[] = slowRegistries.map((slow) => ({
  name: `${slow.name}, with refresh hints every ${hintEveryMs} ms: the list stays, a new watch ${slow.answers ? 'gets it' : 'has an error'}, requests stay bounded`,
  recoveryMs: oneSecond,
  notFor: needsConnection,
  run: (run) => runSlow(run, slow),
}));
