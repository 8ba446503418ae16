import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppProcess, System, until } from '@rollcall/tools';
import { afterEach, beforeEach, expect, it } from 'vitest';

interface Answer {
  readonly status: number;
  /** It was the last one of its connection. */
  readonly goodbye: boolean;
}

/** One connection that is kept alive, as each client of a load balancer has. */
class KeptConnection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  ask(url: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = get(url, { agent: this.#agent, timeout: 20_000 }, (response) => {
        response.resume();
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, goodbye: response.headers.connection === 'close' }),
        );
        response.once('error', reject);
      });
      request.once('timeout', () => request.destroy(new Error('no answer in 20 s')));
      request.once('error', reject);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

const lanes = 60;

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

it('SIGTERM of the aggregator under load on 60 kept connections: not ready first, no request fails, exit 0', async () => {
  const { url, aggregator } = system;
  const failures: string[] = [];
  let answered = 0;
  let goodbyes = 0;
  const lane = async () => {
    const connection = new KeptConnection();
    try {
      for (;;) {
        const { status, goodbye } = await connection.ask(`${url}/api/products/hp-aria`);
        answered += 1;
        if (status !== 200) failures.push(`status ${status}`);
        if (goodbye) {
          goodbyes += 1;
          return;
        }
        // At any moment most are idle: those are the ones that closing a server resets.
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 400));
      }
    } catch (error) {
      failures.push((error as NodeJS.ErrnoException).code ?? String(error));
    } finally {
      connection.close();
    }
  };
  const running = Array.from({ length: lanes }, lane);
  await until(() => answered > 5 * lanes, {
    deadlineMs: 60_000,
    describe: () => `${5 * lanes} answers; there are ${answered}`,
  });

  aggregator.signal('SIGTERM');
  await aggregator.event('draining');
  const balancer = new KeptConnection();
  expect(await balancer.ask(`${url}/readyz`)).toEqual({ status: 503, goodbye: true });
  balancer.close();
  await Promise.all(running);
  expect({ failures, goodbyes }).toEqual({ failures: [], goodbyes: lanes });
  expect(await aggregator.exited).toEqual({ code: 0, signal: null });
});

it('an aggregator whose port is taken says so in one line, and exits 1', async () => {
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
