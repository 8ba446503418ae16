/** The load, in a process of its own: always the same number of requests in flight. */
import { createHistogram } from 'node:perf_hooks';
import { Pool } from 'undici';
import { serveRequests } from '../worker-process.js';
import { type LoadReport, type LoadRequest, requestsInFlight } from './messages.js';

serveRequests(async ({ url, paths, requests }: LoadRequest): Promise<LoadReport> => {
  const pool = new Pool(url, { connections: requestsInFlight, pipelining: 1 });
  const latencyUs = createHistogram();
  const startedAt = performance.now();
  let sent = 0;
  let incomplete = 0;
  const worker = async () => {
    for (let now = performance.now(); sent < requests;) {
      const path = paths[sent++ % paths.length]!;
      const { statusCode, body } = await pool.request({ method: 'GET', path });
      const text = await body.text();
      if (statusCode !== 200 || !text.includes('"degraded":false')) incomplete += 1;
      const sentAt = now;
      now = performance.now();
      latencyUs.record(Math.max(1, Math.round((now - sentAt) * 1_000)));
    }
  };
  await Promise.all(Array.from({ length: requestsInFlight }, worker));
  const elapsedMs = performance.now() - startedAt;
  await pool.close();
  return {
    requestsPerSecond: (requests / elapsedMs) * 1_000,
    p50Ms: latencyUs.percentile(50) / 1_000,
    p99Ms: latencyUs.percentile(99) / 1_000,
    incomplete,
  };
});
