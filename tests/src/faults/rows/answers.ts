import { setTimeout as lasts } from 'node:timers/promises';
import { expect } from 'vitest';
import { aBeat, aSecond, consulOf, type Fault, onlyConsul } from '../fault.js';
import { type Tampering, TamperingAgent } from '../tampering-agent.js';
import type { Observer, Provider, Trial } from '../trial.js';

interface Tampered {
  readonly agent: TamperingAgent;
  readonly provider: Provider;
  readonly observer: Observer;
}

/** One who provides and one who looks, with something between them and their agent. */
async function tampered(trial: Trial): Promise<Tampered> {
  const agent = await TamperingAgent.start(consulOf(trial).agent);
  trial.onCleanup(() => agent.stop());
  const provider = await trial.provider(2);
  const observer = await trial.observer();
  for (const { proxy } of [provider, observer]) {
    proxy?.forwardTo(agent);
    proxy?.reset();
  }
  await trial.cured({ newcomer: false });
  return { agent, provider, observer };
}

/** An answer to everything that is worth nothing: the list stays, and is right when it is over. */
function worthless(name: string, tampering: Tampering): Fault {
  return {
    name,
    boundMs: aSecond,
    notFor: onlyConsul,
    async run(trial) {
      const { agent, observer } = await tampered(trial);
      agent.tampering = tampering;
      // What waits was asked before.
      observer.proxy?.reset();
      await trial.blind(observer);
      await trial.provider(1);
      await lasts(1_000);
      expect(observer.watch.current.instances).toHaveLength(2);
      agent.tampering = {};
      return trial.cured();
    },
  };
}

const isHealthQuery = (url = '') => url.startsWith('/v1/health/service/');

export const answers: readonly Fault[] = [
  worthless('Consul answers 500 to everything', {
    answer: (_, response) => !!response.writeHead(500).end('rpc error: no known servers'),
  }),
  worthless('Consul answers 200 with a page of HTML', {
    answer: (_, response) =>
      !!response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>Log in to the network</html>'),
  }),
  worthless('Consul answers without X-Consul-Index', { headers: { 'x-consul-index': undefined } }),
  {
    name: 'Consul answers 404 to the TTL pass',
    boundMs: aBeat,
    notFor: onlyConsul,
    async run(trial) {
      const { agent } = await tampered(trial);
      let refused = 0;
      agent.tampering = {
        answer({ url = '' }, response) {
          if (!url.startsWith('/v1/agent/check/pass/') || refused === 2) return false;
          refused += 1;
          response.writeHead(404).end('Unknown check ID "service:x". Ensure that the check ID is passed');
          return true;
        },
      };
      await trial.until('two passes to be refused', () => refused === 2);
      return trial.cured();
    },
  },
  {
    name: 'Consul has other content under the same index',
    boundMs: aSecond,
    notFor: onlyConsul,
    async run(trial) {
      const { agent, observer } = await tampered(trial);
      // Without its index a query is answered at once, with what there is now.
      agent.tampering = {
        ask: (url) => url.replace(/[?&]index=\d+/, '?'),
        headers: { 'x-consul-index': '7' },
      };
      observer.proxy?.reset();
      await trial.cured({ newcomer: false });
      await trial.provider(1);
      return trial.cured();
    },
  },
  {
    name: 'Consul answers a blocking query at once: at most 2 requests a second',
    notFor: onlyConsul,
    async run(trial) {
      const { agent, observer } = await tampered(trial);
      agent.tampering = { ask: (url) => url.replace(/[?&]index=\d+/, '?') };
      observer.proxy?.reset();
      await trial.cured({ newcomer: false });
      const seconds = 4;
      agent.requests.length = 0;
      await lasts(seconds * 1_000);
      // The observer's; the instances' own watch has a filter.
      const asked = agent.requests.filter((url) => isHealthQuery(url) && !url.includes('filter='));
      const rate = asked.length / seconds;
      trial.notes.push(`${rate.toFixed(2)} requests a second`);
      expect(rate).toBeLessThanOrEqual(2);
      expect(rate).toBeGreaterThan(0);
      return undefined;
    },
  },
];
