import { writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { FailoverTracker } from '../load/failover-tracker.js';
import { LoadGenerator } from '../load/load-generator.js';
import { isFree } from '../processes/free-port.js';
import { until } from '../processes/until.js';
import { services } from '../system/app-process.js';
import { System } from '../system/system.js';
import { openDemoRegistry } from './demo-registry.js';
import type { Display } from './display.js';
import { InstanceTable } from './instance-table.js';
import type { DemoOptions } from './options.js';
import { renderReport, type DemoReport } from './report.js';

/** The aggregator's port, if it is free. */
const preferredPort = 8080;
/** How long the load continues until the last replacement has served a call, in ms. */
const replacementTimeoutMs = 15_000;

/**
 * Runs the demo from the registry to the report. Stops everything it started before it resolves or rejects, also when
 * `signal` aborts.
 * @returns whether all requests succeeded.
 */
export async function runDemo(options: DemoOptions, display: Display, signal: AbortSignal): Promise<boolean> {
  display.print(
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
      display.print(
        `  registry  ${registry.url === registry.name ? '' : `${registry.name}, `}${registry.origin}`,
      );
      display.print(`  page      ${system.url}`);
      const measured = await measure(system, options, { display, signal, interruption });
      const report: DemoReport = { registry: registry.name, ...measured };
      display.print(`\n${renderReport(report)}\n`);
      if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
      if (options.keep) {
        display.print(`  still running: ${system.url}`);
        display.print(
          `  one more instance, in a debugger: REGISTRY_URL=${registry.url} npm run dev inventory`,
        );
        display.print('  Press Ctrl-C to stop.');
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

/** Generates load while instances are killed and replaced. */
async function measure(
  system: System,
  options: DemoOptions,
  run: Run,
): Promise<Omit<DemoReport, 'registry'>> {
  const { display, signal } = run;
  const startedAt = performance.now();
  const table = new InstanceTable();
  const failover = new FailoverTracker(startedAt);
  for (const service of services) {
    for (const { id } of system.instances(service)) table.add(service, id);
  }
  const load = await LoadGenerator.start({
    url: system.url,
    onResponse(response) {
      table.countServed(response);
      failover.recordResponse(response);
    },
  });
  let previous = { at: startedAt, requests: 0 };
  const ticker = setInterval(() => {
    const now = performance.now();
    const { requests, failed } = load;
    display.update({
      elapsedMs: now - startedAt,
      seconds: options.seconds,
      requests,
      newRequests: requests - previous.requests,
      periodMs: now - previous.at,
      failed,
      rows: table.snapshot(),
    });
    previous = { at: now, requests };
  }, display.updateEveryMs);
  try {
    await killAndReplace(system, options, { ...run, table, failover, startedAt });
    await sleepUntil(startedAt + options.seconds * 1000, signal);
    await until(() => failover.recovered || signal.aborted, {
      deadlineMs: replacementTimeoutMs,
      describe: () => 'the last replacement to serve a call',
    }).catch((error: Error) => display.print(`  ${error.message}`));
    signal.throwIfAborted();
    return { ...(await load.stop()), kills: failover.report(performance.now()) };
  } finally {
    clearInterval(ticker);
    display.clear();
    await load.stop();
  }
}

/** Kills the oldest instance of each service in turn, at even intervals. */
async function killAndReplace(
  system: System,
  { seconds, kills }: DemoOptions,
  run: Run & {
    readonly table: InstanceTable;
    readonly failover: FailoverTracker;
    readonly startedAt: number;
  },
): Promise<void> {
  for (let kill = 0; kill < kills; kill++) {
    await sleepUntil(run.startedAt + ((kill + 1) * seconds * 1000) / (kills + 1), run.signal);
    const service = services[kill % services.length] as (typeof services)[number];
    const [victim] = system.instances(service);
    if (!victim) throw new Error(`no running instance of ${service} to kill`);
    const at = performance.now();
    run.failover.recordKill(service, victim.id, at);
    await victim.kill();
    run.display.print(`  ${((at - run.startedAt) / 1000).toFixed(1)} s  SIGKILL ${victim.id}`);
    const replacement = await system.startInstance(service);
    run.failover.recordReplacement(victim.id, replacement.id);
    run.table.add(service, replacement.id, victim.id);
    // The next kill waits for the replacement, even if starting takes longer than the interval.
    await Promise.race([replacement.event('registered'), run.interruption]);
  }
}

async function sleepUntil(at: number, signal: AbortSignal): Promise<void> {
  await delay(Math.max(0, at - performance.now()), undefined, { signal });
}

/** Rejects when `signal` aborts. One promise for the whole run, so that races with it add no listeners. */
function interruptionBy(signal: AbortSignal): Promise<never> {
  const interruption = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  // Not an unhandled rejection while nothing awaits it.
  interruption.catch(() => {});
  return interruption;
}
