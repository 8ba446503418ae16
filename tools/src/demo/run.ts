import { writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Failover } from '../load/failover.js';
import { Load } from '../load/load.js';
import { until } from '../processes/condition.js';
import { isFree } from '../processes/free-port.js';
import { services } from '../system/app-process.js';
import { System } from '../system/system.js';
import { Board } from './board.js';
import { openDemoRegistry } from './demo-registry.js';
import type { Display } from './display.js';
import type { DemoOptions } from './options.js';
import { renderReport, type DemoReport } from './report.js';

/** Where the browser looks first. */
const preferredPort = 8080;
/** The load goes on for at most this long until the last replacement is called, in ms. */
const lastReplacementWithinMs = 15_000;

/**
 * The demo from the registry to the report. Whatever happens, and when `signal` aborts, all it started has ended
 * before it resolves.
 * @returns whether no request failed.
 */
export async function runDemo(options: DemoOptions, display: Display, signal: AbortSignal): Promise<boolean> {
  display.say(
    `  starting the registry, ${options.replicas} instances of each service, and the aggregator ...`,
  );
  const interruption = interruptionBy(signal);
  const registry = await openDemoRegistry(options.registry);
  try {
    signal.throwIfAborted();
    const system = await System.start({
      registryUrl: registry.url,
      replicas: options.replicas,
      port: (await isFree(preferredPort)) ? preferredPort : 0,
      signal,
    });
    try {
      display.say(
        `  registry  ${registry.url === registry.name ? '' : `${registry.name}, `}${registry.origin}`,
      );
      display.say(`  page      ${system.url}`);
      const measured = await measure(system, options, { display, signal, interruption });
      const report: DemoReport = { registry: registry.name, ...measured };
      display.say(`\n${renderReport(report)}\n`);
      if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
      if (options.keep) {
        display.say(`  still up: ${system.url}\n  Ctrl-C ends it.`);
        await interruption.catch(() => {});
      }
      return report.failed === 0;
    } finally {
      await system.stop();
    }
  } finally {
    await registry.stop();
  }
}

interface Run {
  readonly display: Display;
  readonly signal: AbortSignal;
  /** Rejects when `signal` aborts. */
  readonly interruption: Promise<never>;
}

/** Drives the load, kills and replaces, and counts. */
async function measure(
  system: System,
  options: DemoOptions,
  run: Run,
): Promise<Omit<DemoReport, 'registry'>> {
  const { display, signal } = run;
  const startedAt = performance.now();
  const board = new Board();
  const failover = new Failover(startedAt);
  for (const service of services) {
    for (const { id } of system.instances(service)) board.add(service, id);
  }
  const load = await Load.start({
    url: system.url,
    onAnswer(answer) {
      board.answered(answer);
      failover.answered(answer);
    },
  });
  let [lookedAt, seen] = [startedAt, 0];
  const ticker = setInterval(() => {
    const now = performance.now();
    const { requests, failed } = load;
    display.show({
      elapsedMs: now - startedAt,
      seconds: options.seconds,
      requests,
      newRequests: requests - seen,
      overMs: now - lookedAt,
      failed,
      rows: board.look(),
    });
    [lookedAt, seen] = [now, requests];
  }, display.everyMs);
  try {
    await killAndReplace(system, options, { ...run, board, failover, startedAt });
    await sleepUntil(startedAt + options.seconds * 1000, signal);
    await until(() => failover.recovered || signal.aborted, {
      deadlineMs: lastReplacementWithinMs,
      describe: () => 'the last replacement to be called',
    }).catch((error: Error) => display.say(`  ${error.message}`));
    signal.throwIfAborted();
    return { ...(await load.stop()), kills: failover.report(performance.now()) };
  } finally {
    clearInterval(ticker);
    display.clear();
    await load.stop();
  }
}

/** Kills evenly spread over the time, one service after the other, each time the oldest instance. */
async function killAndReplace(
  system: System,
  { seconds, kills }: DemoOptions,
  run: Run & { readonly board: Board; readonly failover: Failover; readonly startedAt: number },
): Promise<void> {
  for (let kill = 0; kill < kills; kill++) {
    await sleepUntil(run.startedAt + ((kill + 1) * seconds * 1000) / (kills + 1), run.signal);
    const service = services[kill % services.length] as (typeof services)[number];
    const [victim] = system.instances(service);
    if (!victim) throw new Error(`no instance of ${service} is left to kill`);
    const at = performance.now();
    run.failover.killed(service, victim.id, at);
    await victim.kill();
    run.display.say(`  ${((at - run.startedAt) / 1000).toFixed(1)} s  SIGKILL ${victim.id}`);
    const replacement = await system.startInstance(service);
    run.failover.replaced(victim.id, replacement.id);
    run.board.add(service, replacement.id, victim.id);
    // One at a time: where starting takes longer than the time between kills, the next kill waits.
    await Promise.race([replacement.event('registered'), run.interruption]);
  }
}

async function sleepUntil(at: number, signal: AbortSignal): Promise<void> {
  await delay(Math.max(0, at - performance.now()), undefined, { signal });
}

/** Rejects when `signal` aborts. One for the whole run: what races with it leaves no listener behind. */
function interruptionBy(signal: AbortSignal): Promise<never> {
  const interruption = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  // Nobody may be waiting when it comes.
  interruption.catch(() => {});
  return interruption;
}
