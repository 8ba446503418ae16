// Preloaded into a stranger's client: `await runCallers(call)` calls from 20 places at once until the test says stop, and reports
// every 50 ms how many calls were made, how many failed and which instances answered. `call` resolves with the instance's id.
import { setTimeout as sleep } from 'node:timers/promises';

globalThis.runCallers = async (call) => {
  const report = { calls: 0, failed: 0, errors: [], servedBy: {}, stopped: false };
  const stop = new AbortController();
  process.once('message', () => stop.abort());
  const timer = setInterval(() => process.send(report), 50);
  const callUntilStopped = async () => {
    while (!stop.signal.aborted) {
      try {
        const instance = await call();
        report.servedBy[instance] = (report.servedBy[instance] ?? 0) + 1;
      } catch (error) {
        report.failed += 1;
        if (report.errors.length < 5) report.errors.push(String(error?.message ?? error));
      }
      report.calls += 1;
      await sleep(2);
    }
  };
  await Promise.all(Array.from({ length: 20 }, callUntilStopped));
  clearInterval(timer);
  report.stopped = true;
  process.send(report);
};
