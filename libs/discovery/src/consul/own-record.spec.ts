import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import Consul from 'consul';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Backend } from '../backend/backend.js';
import { defineInstance } from '../model/instance.js';
import { announce, type AnnounceSession } from '../registering/announce.js';
import { AgentApi } from './agent-api.js';
import type { ConsulService } from './api-types.js';
import { Connection } from './connection.js';
import { consulSettings } from './options.js';
import { entry, failure, respond, ScriptedAgent } from './scripted-agent.spec.fixture.js';

const instance = defineInstance({ id: 'inventory-1', service: 'inventory', host: '10.0.0.1', port: 80 });

const announced = (backend: Backend, session: AnnounceSession) =>
  announce(backend.ownRecord(instance), instance, session);

let agent: ScriptedAgent;
beforeEach(async () => {
  agent = await ScriptedAgent.start();
});
afterEach(() => agent.stop());

describe('a session', () => {
  /** Responds like an agent that has the record; `override` responds instead when it returns true. */
  function respondWithRecord(override: (path: string, response: ServerResponse) => boolean): void {
    agent.respond = async (request, response) => {
      const path = request.url ?? '';
      if (path.endsWith('/register'))
        written.push((await json(request)) as ConsulService & { Check: object });
      if (override(path, response)) return;
      if (path.includes('/agent/health/')) response.writeHead(404).end();
      else if (path.includes('index=')) setTimeout(() => respond(response, [shown()]), changeAfterMs).unref();
      else if (path.includes('/health/')) respond(response, [shown()]);
      else response.end();
    };
  }
  /** The bodies of the registrations, in order. */
  let written: (ConsulService & { Check: object })[];
  /** What somebody else has changed in the record. */
  let changes: Partial<ConsulService>;
  let changeAfterMs: number;
  beforeEach(() => {
    written = [];
    changes = {};
    changeAfterMs = 1_000;
  });
  /** The record as the catalogue shows it. */
  function shown() {
    const { Tags, Meta, Weights } = written.at(-1) ?? {};
    return { ...entry(), Service: { ...entry().Service, Tags, Meta, Weights, ...changes } };
  }
  const status = (code: number, text: string) => (response: ServerResponse) => {
    response.writeHead(code, { 'Content-Type': 'text/plain' }).end(text);
  };

  it.each([
    ['of today', status(404, 'Unknown check ID "service:inventory-1". Ensure that ...')],
    ['of 1.8', status(500, 'CheckID "service:inventory-1" does not have associated TTL')],
  ])(
    'agent %s no longer knows the check: REGISTRATION_LOST, no deregistration',
    async (_, respondUnknown) => {
      respondWithRecord(
        (path, response) => path.includes('/check/pass/') && (respondUnknown(response), true),
      );
      const session = { signal: agent.session.signal, registered: () => {} };
      const error = await failure(announced(agent.backend({ ttlMs: 1_000 }), session));
      expect(error.code).toBe('REGISTRATION_LOST');
      expect(agent.requests.filter((request) => request.includes('deregister'))).toEqual([]);
    },
  );

  it('single heartbeats fail: still registered; none succeeds within the TTL: REGISTRATION_LOST', async () => {
    let failing = false;
    let passes = 0;
    respondWithRecord((path, response) => {
      if (!path.includes('/check/pass/')) return false;
      passes += 1;
      if (passes === 6) failing = true;
      status(failing || passes % 2 === 0 ? 500 : 200, 'busy')(response);
      return true;
    });
    const session = { signal: agent.session.signal, registered: () => {} };
    const error = await failure(announced(agent.backend({ ttlMs: 1_000 }), session));
    expect(error.message).toMatch(/^REGISTRATION_LOST: .*no heartbeat succeeded within 1000 ms/);
    expect(passes).toBeGreaterThan(6);
  });

  it('token loses its permissions: REGISTRY_REFUSED', async () => {
    respondWithRecord(
      (path, response) => path.includes('/check/pass/') && (status(403, 'Permission denied')(response), true),
    );
    const session = { signal: agent.session.signal, registered: () => {} };
    const error = await failure(announced(agent.backend({ ttlMs: 1_000 }), session));
    expect(error.message).toMatch(/^REGISTRY_REFUSED: .*Permission denied/);
  });

  it('agent accepts the record, catalogue never shows it: not registered, REGISTRATION_LOST', async () => {
    respondWithRecord((path, response) => {
      if (!path.startsWith('/v1/health/')) return false;
      if (path.includes('index=')) setTimeout(() => respond(response, []), 1_000).unref();
      else respond(response, []);
      return true;
    });
    let registered = false;
    const session = { signal: agent.session.signal, registered: () => (registered = true) };
    const error = await failure(announced(agent.backend(), session));
    expect(error.message).toMatch(/^REGISTRATION_LOST: .*not in the catalogue/);
    expect(registered).toBe(false);
  });

  it('aborted before the write: nothing is removed', async () => {
    respondWithRecord((path) => path.includes('/agent/health/') && (agent.session.abort(), true));
    await announced(agent.backend(), { signal: agent.session.signal, registered: () => {} });
    expect(agent.requests).toEqual(['GET /v1/agent/health/service/id/inventory-1']);
  });

  it('aborted during the write: removed after the write', async () => {
    respondWithRecord((path, response) => {
      if (!path.endsWith('/register')) return false;
      agent.session.abort();
      setTimeout(() => response.end(), 100);
      return true;
    });
    await announced(agent.backend(), { signal: agent.session.signal, registered: () => {} });
    expect(agent.requests.at(-1)).toBe('PUT /v1/agent/service/deregister/inventory-1');
  });

  it('each write differs in record and check, or the agent would not send them again', async () => {
    respondWithRecord(() => false);
    for (let n = 0; n < 2; n++) {
      const leave = new AbortController();
      await announced(agent.backend(), { signal: leave.signal, registered: () => leave.abort() });
    }
    expect(written).toHaveLength(2);
    expect(written[0]?.Meta).not.toEqual(written[1]?.Meta);
    expect(written[0]?.Check).not.toEqual(written[1]?.Check);
  });

  it.each<[string, (service: ConsulService) => Partial<ConsulService>]>([
    ['weight', () => ({ Weights: { Passing: 9 } })],
    ['tags', () => ({ Tags: ['by-hand'] })],
    ['metadata', ({ Meta }) => ({ Meta: { ...Meta, owner: 'by-hand' } })],
  ])('somebody changes the %s in the catalogue: REGISTRATION_LOST', async (_, change) => {
    respondWithRecord(() => false);
    changeAfterMs = 100;
    const session = { signal: agent.session.signal, registered: () => (changes = change(written.at(-1)!)) };
    const error = await failure(announced(agent.backend(), session));
    expect(error.message).toMatch(/^REGISTRATION_LOST: .*it was changed in the catalogue/);
  });

  it('one 500 to the deregistration: it is tried again, and leaves nothing', async () => {
    let failures = 1;
    respondWithRecord(
      (path, response) =>
        path.includes('/deregister/') && failures-- > 0 && (status(500, 'busy')(response), true),
    );
    const session = { signal: agent.session.signal, registered: () => agent.session.abort() };
    await announced(agent.backend(), session);
    const deregistrations = agent.requests.filter((request) => request.includes('/deregister/'));
    expect(deregistrations).toHaveLength(2);
  });

  it.each([['register'], ['maintenance'], ['deregister'], ['health']])(
    'agent stops responding to %s: leaving takes less than 2 s',
    async (silent) => {
      respondWithRecord((path) => path.includes(silent));
      const backend = agent.backend({ requestTimeoutMs: 2_000 });
      const session = { signal: agent.session.signal, registered: () => agent.session.abort() };
      setTimeout(() => agent.session.abort(), 500);
      const ended = announced(backend, session);
      await once(agent.session.signal, 'abort');
      const abortedAt = performance.now();
      await ended;
      expect(performance.now() - abortedAt).toBeLessThan(2_000);
    },
  );

  it('a call that begins after the abort fails at once', async () => {
    agent.respond = () => {};
    const connection = new Connection(consulSettings({ port: agent.port }));
    const startedAt = performance.now();
    await failure(
      new AgentApi(Consul, connection).pass('a', { timeoutMs: 2_000, signal: AbortSignal.abort() }),
    );
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(agent.requests).toEqual([]);
    connection.destroy();
  });

  it('takes itself out of the maintenance in which an earlier one left it', async () => {
    respondWithRecord((path, response) => {
      if (!path.includes('/agent/health/')) return false;
      response.writeHead(503).end(
        JSON.stringify({
          Service: entry().Service,
          Checks: [{ CheckID: '_service_maintenance:inventory-1', Status: 'critical', Notes: 'draining' }],
        }),
      );
      return true;
    });
    const session = { signal: agent.session.signal, registered: () => agent.session.abort() };
    await announced(agent.backend(), session);
    const maintenance = agent.requests.filter((request) => request.includes('/maintenance/'));
    expect(maintenance[0]).toContain('enable=false');
    expect(maintenance[1]).toContain('enable=true');
  });
});
