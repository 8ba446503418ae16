import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

interface StoredValue {
  readonly value: string;
  readonly version: string;
  readonly expiresAt: number;
}

/**
 * The registry of the page on backends: a key-value store over HTTP. `GET prefix` lists, `PUT key` and `DELETE key` write if
 * `if-match` is the version of the key, or `none` if there is no such key, or absent; `ttl-ms` is the lifetime of the key.
 */
export class KeyValueStore {
  readonly #values = new Map<string, StoredValue>();
  #server: Server | undefined;
  #version = 0;
  port = 0;

  async start(): Promise<void> {
    this.#server = createServer((request, response) => void this.#respond(request, response));
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const server = this.#server!;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }

  wipe(): void {
    this.#values.clear();
  }

  put(key: string, value: string, ttlMs = Infinity): void {
    this.#version += 1;
    this.#values.set(key, { value, version: String(this.#version), expiresAt: Date.now() + ttlMs });
  }

  delete(key: string): void {
    this.#values.delete(key);
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const key = request.url!.slice(1);
    const body = await text(request);
    for (const [expired, { expiresAt }] of this.#values) if (expiresAt < Date.now()) this.delete(expired);
    if (request.method === 'GET') {
      response.end(JSON.stringify(this.#list(key)));
    } else if (this.#isExpected(key, request.headers['if-match'])) {
      if (request.method === 'PUT') this.put(key, body, Number(request.headers['ttl-ms']));
      else this.delete(key);
      response.end();
    } else {
      response.writeHead(412).end();
    }
  }

  #list(prefix: string) {
    const matches = (key: string) =>
      prefix === '' || prefix.endsWith('/') ? key.startsWith(prefix) : key === prefix;
    return [...this.#values]
      .filter(([key]) => matches(key))
      .map(([key, { value, version }]) => ({ key, value, version }));
  }

  #isExpected(key: string, version: string | undefined): boolean {
    return version === undefined || version === (this.#values.get(key)?.version ?? 'none');
  }
}
