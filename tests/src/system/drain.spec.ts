import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppProcess, System, until } from '@rollcall/tools';
import { afterEach, beforeEach, expect, it } from 'vitest';

interface ConnectionResponse {
  readonly status: number;
  /** `Connection: close`. */
  readonly last: boolean;
}

/** A keep-alive connection, as load balancers hold them. */
class KeepAliveConnection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  get(url: string): Promise<ConnectionResponse> {
    return new Promise((resolve, reject) => {
      const request = get(url, { agent: this.#agent, timeout: 20_000 }, (response) => {
        response.resume();
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, last: response.headers.connection === 'close' }),
        );
        response.once('error', reject);
      });
      request.once('timeout', () => request.destroy(new Error('no response in 20 s')));
      request.once('error', reject);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

const connections = 60;

let registry: string;
let system: System;
beforeEach(async () => {
  registry = mkdtempSync(join(tmpdir(), 'rollcall-test-'));
  system = await System.start({ registryUrl: pathToFileURL(registry).href, replicas: 1 });
});
afterEach(async () => {
  await system?.stop();
  rmSync(registry, { recursive: true, force: true });
});

it('SIGTERM of the aggregator under load on 60 keep-alive connections: first not ready, no request fails, exit 0', async () => {
  const { url, aggregator } = system;
  const failures: string[] = [];
  let responses = 0;
  let closed = 0;
  const client = async () => {
    const connection = new KeepAliveConnection();
    try {
      for (;;) {
        const { status, last } = await connection.get(`${url}/api/products/hp-aria`);
        responses += 1;
        if (status !== 200) failures.push(`status ${status}`);
        if (last) {
          closed += 1;
          return;
        }
        // Most connections are idle at any moment: a server that closes resets those.
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 400));
      }
    } catch (error) {
      failures.push((error as NodeJS.ErrnoException).code ?? String(error));
    } finally {
      connection.close();
    }
  };
  const running = Array.from({ length: connections }, client);
  await until(() => responses > 5 * connections, {
    deadlineMs: 60_000,
    describe: () => `${5 * connections} responses; there are ${responses}`,
  });

  aggregator.signal('SIGTERM');
  await aggregator.event('draining');
  const balancer = new KeepAliveConnection();
  expect(await balancer.get(`${url}/readyz`)).toEqual({ status: 503, last: true });
  balancer.close();
  await Promise.all(running);
  expect({ failures, closed }).toEqual({ failures: [], closed: connections });
  expect(await aggregator.exited).toEqual({ code: 0, signal: null });
});

it('an aggregator whose port is taken logs one fatal line and exits with 1', async () => {
  const fatal: unknown[] = [];
  const second = await AppProcess.start({
    app: 'aggregator',
    id: 'second',
    env: { REGISTRY_URL: pathToFileURL(registry).href, PORT: new URL(system.url).port },
    onLine(_, line) {
      const { level, message } = JSON.parse(line) as { level: string; message: unknown };
      if (level === 'fatal') fatal.push(message);
    },
  });
  expect(await second.exited).toEqual({ code: 1, signal: null });
  expect(fatal).toEqual([expect.stringMatching(/^cannot start: .*EADDRINUSE/)]);
});
