import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Backend } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import { consulBackend, type ConsulOptions } from './index.js';

/** An agent that answers as a test wants it to: what a real one does only when it is not well, or is none at all. */
export class ScriptedAgent {
  /** `GET /v1/...`, as they came. */
  readonly requests: string[] = [];
  /** Ends the sessions that a test opens. */
  readonly open = new AbortController();
  readonly #backends: Backend[] = [];
  readonly #server = createServer((request, response) => {
    this.requests.push(`${request.method} ${request.url}`);
    this.answer(request, response);
  });

  answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => {
    response.writeHead(500).end('the test has no answer');
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
    this.open.abort();
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

export function say(
  response: ServerResponse,
  content: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(200, { 'X-Consul-Index': '7', ...headers }).end(JSON.stringify(content));
}

/** What a promise was rejected with. */
export async function failure(promise: Promise<unknown>): Promise<DiscoveryError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  if (error instanceof DiscoveryError) return error;
  throw new Error(`expected a DiscoveryError, got ${String(error)}`);
}
