import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObservedSet } from '../backend/backend.js';
import { queryDelayMs } from './blocking-query.js';
import { entry, failure, respond, ScriptedAgent } from './scripted-agent.spec.fixture.js';

let agent: ScriptedAgent;
beforeEach(async () => {
  agent = await ScriptedAgent.start();
});
afterEach(() => agent.stop());

function observe(backend = agent.backend()): AsyncIterator<ObservedSet> {
  const session = { signal: agent.session.signal, rejected: () => {} };
  return backend.observe('inventory', session)[Symbol.asyncIterator]();
}

describe('a watch', () => {
  it.each<[string, string, string, (response: ServerResponse) => void]>([
    [
      'a page of HTML',
      'REGISTRY_UNAVAILABLE',
      'not a JSON list: <html>',
      (response) => response.writeHead(200, { 'X-Consul-Index': '7' }).end('<html> proxy </html>'),
    ],
    [
      'JSON other than a list',
      'REGISTRY_UNAVAILABLE',
      'not a JSON list',
      (response) => respond(response, { a: 1 }),
    ],
    [
      'no X-Consul-Index',
      'REGISTRY_UNAVAILABLE',
      'X-Consul-Index is missing',
      (response) => response.writeHead(200).end('[]'),
    ],
    [
      'an index of 0',
      'REGISTRY_UNAVAILABLE',
      'X-Consul-Index "0"',
      (response) => respond(response, [], { 'X-Consul-Index': '0' }),
    ],
    [
      'an index that is not a number',
      'REGISTRY_UNAVAILABLE',
      'X-Consul-Index "1e3"',
      (response) => respond(response, [], { 'X-Consul-Index': '1e3' }),
    ],
    [
      '500',
      'REGISTRY_UNAVAILABLE',
      '500 No cluster leader',
      (response) => response.writeHead(500).end('No cluster leader'),
    ],
    ['429', 'REGISTRY_UNAVAILABLE', '429', (response) => response.writeHead(429).end()],
    [
      '403',
      'REGISTRY_REFUSED',
      '403 ACL not found',
      (response) => response.writeHead(403).end('ACL not found'),
    ],
    ['400', 'REGISTRY_REFUSED', '400 Bad', (response) => response.writeHead(400).end('Bad')],
    [
      'a list that is filtered by ACLs',
      'REGISTRY_REFUSED',
      'node:read',
      (response) => respond(response, [], { 'X-Consul-Results-Filtered-By-ACLs': 'true' }),
    ],
    [
      'half a body',
      'REGISTRY_UNAVAILABLE',
      'connection was closed',
      (response) => {
        response.writeHead(200, { 'X-Consul-Index': '7', 'Content-Length': '100' }).write('[');
        setTimeout(() => response.destroy(), 20);
      },
    ],
    ['missing', 'REGISTRY_UNAVAILABLE', 'no response within 750 ms', () => {}],
  ])('response is %s: throws %s, %s', async (_, code, text, respondBadly) => {
    agent.respond = (_request, response) => respondBadly(response);
    const error = await failure(observe().next());
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });

  it('first query without an index, then with the last one', async () => {
    agent.respond = (_, response) =>
      respond(response, [entry(agent.requests.length)], {
        'X-Consul-Index': String(6 + agent.requests.length),
      });
    const sets = observe();
    expect((await sets.next()).value).toMatchObject({ revision: '7', instances: [{ port: 1 }] });
    expect((await sets.next()).value).toMatchObject({ revision: '8', instances: [{ port: 2 }] });
    expect(agent.requests).toEqual([
      'GET /v1/health/service/inventory?near=-&stale=',
      'GET /v1/health/service/inventory?near=-&stale=&index=7&wait=1000ms',
    ]);
  });

  it('content changes under the same index: a new set', async () => {
    agent.respond = (_, response) => respond(response, [entry(agent.requests.length)]);
    const sets = observe();
    await sets.next();
    expect((await sets.next()).value).toMatchObject({ revision: '7', instances: [{ port: 2 }] });
  });

  it('index decreases: next query without an index', async () => {
    const indexes = ['9000', '12', '12'];
    agent.respond = (_, response) =>
      respond(response, [entry(agent.requests.length)], {
        'X-Consul-Index': indexes[agent.requests.length - 1] ?? '13',
      });
    const sets = observe();
    for (const revision of indexes) expect((await sets.next()).value).toMatchObject({ revision });
    expect(agent.requests.map((request) => /index=(\d+)/.exec(request)?.[1])).toEqual([
      undefined,
      '9000',
      undefined,
    ]);
  });

  it('wait ends early without a change, as after a restore: next query without an index', async () => {
    const index = { 1: '9000', 2: '9000' } as Readonly<Record<number, string>>;
    agent.respond = (_, response) => {
      const count = agent.requests.length;
      respond(response, [entry(count < 3 ? 1 : 2)], { 'X-Consul-Index': index[count] ?? '12' });
    };
    const sets = observe();
    expect((await sets.next()).value).toMatchObject({ revision: '9000' });
    expect((await sets.next()).value).toMatchObject({ revision: '12', instances: [{ port: 2 }] });
    expect(agent.requests[2]).not.toContain('index=');
  });

  it.each([
    ['stays the same', () => '7'],
    ['grows', () => String(6 + agent.requests.length)],
    ['goes backwards', () => String(9_000 - agent.requests.length)],
  ])('agent responds at once, index %s: at most two queries a second', async (_, index) => {
    agent.respond = (_request, response) => respond(response, [entry()], { 'X-Consul-Index': index() });
    const sets = observe();
    await sets.next();
    const next = sets.next();
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect(agent.requests.length).toBeGreaterThan(1);
    expect(agent.requests.length).toBeLessThanOrEqual(4);
    agent.session.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('agent does not respond: ends after the wait', async () => {
    agent.respond = (_, response) => agent.requests.length === 1 && respond(response, []);
    const sets = observe();
    await sets.next();
    expect((await failure(sets.next())).message).toContain('no response within 1362.5 ms');
  });

  it.each([1, 2])('aborted during request %i: ends without throwing', async (during) => {
    agent.respond = (_, response) => {
      if (agent.requests.length === during) agent.session.abort();
      else respond(response, []);
    };
    const sets = observe();
    for (let n = 1; n < during; n++) await sets.next();
    expect(await sets.next()).toEqual({ done: true, value: undefined });
  });

  it('agent is unreachable: the error has its address', async () => {
    const stopped = await ScriptedAgent.start();
    const { port } = stopped;
    await stopped.stop();
    const error = await failure(observe(agent.backend({ host: 'localhost', port })).next());
    expect(error.message).toMatch(/^REGISTRY_UNAVAILABLE: GET http:\/\/localhost:\d+.*ECONNREFUSED/);
  });

  it('sends data centre, token and namespace, and no stale parameter with stale: false', async () => {
    let headers: IncomingMessage['headers'] = {};
    agent.respond = (request, response) => {
      headers = request.headers;
      respond(response, []);
    };
    const other = agent.backend({ datacenter: 'eu', token: 'secret', namespace: 'shop', stale: false });
    await observe(other).next();
    expect(agent.requests).toEqual(['GET /v1/health/service/inventory?dc=eu&near=-']);
    expect(headers).toMatchObject({ 'x-consul-token': 'secret', 'x-consul-namespace': 'shop' });
  });
});

describe('a catalogue', () => {
  const nodes = [
    {
      Node: 'n1',
      Address: '10.0.0.1',
      Services: [
        { ID: 'consul', Service: 'consul', Port: 8_300 },
        { ID: 'inventory-1', Service: 'inventory', Port: 80 },
        { ID: 'proxy', Service: 'inventory-proxy', Port: 81, Kind: 'connect-proxy' },
        { ID: 'review-1', Service: 'review', Port: 82 },
      ],
      Checks: [
        { CheckID: 'serfHealth', ServiceID: '', Status: 'passing' },
        { CheckID: 'service:review-1', ServiceID: 'review-1', Status: 'critical' },
      ],
    },
    {
      Node: 'n2',
      Address: '10.0.0.2',
      Services: [{ ID: 'inventory-2', Service: 'inventory', Port: 80 }],
      Checks: [{ CheckID: 'serfHealth', ServiceID: '', Status: 'critical' }],
    },
    { Node: 'n3', Address: '10.0.0.3', Services: null, Checks: null },
  ];
  function all(): AsyncIterator<ObservedSet> {
    const session = { signal: agent.session.signal, rejected: () => {} };
    return agent.backend().observeAll(session)[Symbol.asyncIterator]();
  }

  it('contains the healthy instances of all services, neither Consul itself nor proxies', async () => {
    agent.respond = (_, response) =>
      respond(response, nodes, { 'X-Consul-Results-Filtered-By-ACLs': 'true' });
    const { instances } = (await all().next()).value as ObservedSet;
    expect(instances).toMatchObject([{ id: 'inventory-1', service: 'inventory', host: '10.0.0.1' }]);
  });

  it('token may not read anything: REGISTRY_REFUSED', async () => {
    agent.respond = (_, response) => respond(response, [], { 'X-Consul-Results-Filtered-By-ACLs': 'true' });
    expect((await failure(all().next())).code).toBe('REGISTRY_REFUSED');
  });
});

describe('the delay between queries', () => {
  it('is 600 ms without a change and 25 ms with one', () => {
    expect([queryDelayMs(false, 0), queryDelayMs(false, 450), queryDelayMs(false, 10_000)]).toEqual([
      600, 150, 0,
    ]);
    expect([queryDelayMs(true, 0), queryDelayMs(true, 15), queryDelayMs(true, 10_000)]).toEqual([25, 10, 0]);
  });
});
