import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Backend } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import { consulBackend, type ConsulOptions } from './index.js';

/** An HTTP server with scripted responses, for faults that are hard to produce with a real agent. */
export class ScriptedAgent {
  /** `GET /v1/...`, in order. */
  readonly requests: string[] = [];
  /** Aborts the sessions of a test. */
  readonly session = new AbortController();
  readonly #backends: Backend[] = [];
  readonly #server = createServer((request, response) => {
    this.requests.push(`${request.method} ${request.url}`);
    void this.respond(request, response);
  });

  respond: (request: IncomingMessage, response: ServerResponse) => unknown = (_, response) => {
    response.writeHead(500).end('the test has no response');
  };

  static async start(): Promise<ScriptedAgent> {
    const agent = new ScriptedAgent();
    await new Promise<void>((resolve) => agent.#server.listen(0, '127.0.0.1', resolve));
    return agent;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  backend(options: ConsulOptions = {}): Backend {
    const backend = consulBackend({ port: this.port, waitMs: 1_000, requestTimeoutMs: 300, ...options });
    this.#backends.push(backend);
    return backend;
  }

  async stop(): Promise<void> {
    this.session.abort();
    for (const backend of this.#backends) await backend.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export function entry(port = 80, id = 'inventory-1') {
  return {
    Node: { Node: 'n' },
    Service: { ID: id, Service: 'inventory', Address: '10.0.0.1', Port: port },
    Checks: [{ CheckID: `service:${id}`, Status: 'passing' }],
  };
}

export function respond(
  response: ServerResponse,
  content: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(200, { 'X-Consul-Index': '7', ...headers }).end(JSON.stringify(content));
}

/** The error that `promise` rejects with. */
export async function failure(promise: Promise<unknown>): Promise<DiscoveryError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  if (error instanceof DiscoveryError) return error;
  throw new Error(`expected a DiscoveryError, got ${String(error)}`);
}
