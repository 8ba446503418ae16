import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Observer, Provider, RegistryRun } from './registry-run.js';
import { consulOf, consulOnly, oneHeartbeat, oneSecond, type RegistryScenario } from './registry-scenario.js';
import { type Tampering, TamperingProxy } from './tampering-proxy.js';

interface Tampered {
  readonly http: TamperingProxy;
  readonly provider: Provider;
  readonly observer: Observer;
}

/** A provider and an observer whose requests to their agent go through a tampering proxy. */
async function tampered(run: RegistryRun): Promise<Tampered> {
  const http = await TamperingProxy.start(consulOf(run).agent);
  run.onCleanup(() => http.stop());
  const provider = await run.provider(2);
  const observer = await run.observer();
  for (const { proxy } of [provider, observer]) {
    proxy?.forwardTo(http);
    proxy?.reset();
  }
  await run.recovered({ newcomer: false });
  return { http, provider, observer };
}

/** The agent answers every request with something useless: the list stays, and recovers afterwards. */
function uselessResponses(name: string, tampering: Tampering): RegistryScenario {
  return {
    name,
    recoveryMs: oneSecond,
    notFor: consulOnly,
    async run(run) {
      const { http, observer } = await tampered(run);
      http.tampering = tampering;
      // Ends the blocking query that is under way.
      observer.proxy?.reset();
      await run.untilNoticed(observer);
      await run.provider(1);
      await sleep(1_000);
      expect(observer.watch.current.instances).toHaveLength(2);
      http.tampering = {};
      return run.recovered();
    },
  };
}

const isHealthQuery = (url = '') => url.startsWith('/v1/health/service/');

export const consulResponses: readonly RegistryScenario[] = [
  uselessResponses('Consul answers 500 to every request: the list stays', {
    respond: (_, response) => !!response.writeHead(500).end('rpc error: no known servers'),
  }),
  uselessResponses('Consul answers 200 with an HTML page: the list stays', {
    respond: (_, response) =>
      !!response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>Log in to the network</html>'),
  }),
  uselessResponses('Consul answers without X-Consul-Index: the list stays', {
    headers: { 'x-consul-index': undefined },
  }),
  {
    name: 'Consul answers two TTL updates with 404: the instance registers again',
    recoveryMs: oneHeartbeat,
    notFor: consulOnly,
    async run(run) {
      const { http } = await tampered(run);
      let rejected = 0;
      http.tampering = {
        respond({ url = '' }, response) {
          if (!url.startsWith('/v1/agent/check/pass/') || rejected === 2) return false;
          rejected += 1;
          response.writeHead(404).end('Unknown check ID "service:x". Ensure that the check ID is passed');
          return true;
        },
      };
      await run.until('two TTL updates to be rejected', () => rejected === 2);
      return run.recovered();
    },
  },
  {
    name: 'Consul answers with new content under an old index: the change is listed',
    recoveryMs: oneSecond,
    notFor: consulOnly,
    async run(run) {
      const { http, observer } = await tampered(run);
      // Without an index the agent answers at once, with its present state.
      http.tampering = {
        rewriteUrl: (url) => url.replace(/[?&]index=\d+/, '?'),
        headers: { 'x-consul-index': '7' },
      };
      observer.proxy?.reset();
      await run.recovered({ newcomer: false });
      await run.provider(1);
      return run.recovered();
    },
  },
  {
    name: 'Consul answers blocking queries at once: at most 2 requests a second',
    notFor: consulOnly,
    async run(run) {
      const { http, observer } = await tampered(run);
      http.tampering = { rewriteUrl: (url) => url.replace(/[?&]index=\d+/, '?') };
      observer.proxy?.reset();
      await run.recovered({ newcomer: false });
      const seconds = 4;
      http.requests.length = 0;
      await sleep(seconds * 1_000);
      // Those of the observer: the watch of an instance's own record has a filter.
      const queries = http.requests.filter((url) => isHealthQuery(url) && !url.includes('filter='));
      const rate = queries.length / seconds;
      run.findings.note(`${rate.toFixed(2)} requests a second`);
      expect(rate).toBeLessThanOrEqual(2);
      expect(rate).toBeGreaterThan(0);
    },
  },
];
