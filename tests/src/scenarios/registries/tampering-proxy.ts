import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the proxy changes. */
export interface Tampering {
  /** Changes the path and query of a request. */
  readonly rewriteUrl?: (url: string) => string;
  /** Responds in place of the agent and returns true; false forwards the request. */
  readonly respond?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Replaces response headers; undefined removes one. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** An HTTP proxy before a Consul agent that sends what no healthy agent sends. */
export class TamperingProxy {
  readonly host = '127.0.0.1';
  /** Path and query of every request. */
  readonly requests: string[] = [];
  tampering: Tampering = {};
  readonly #agent: { readonly host: string; readonly port: number };
  readonly #server = createServer((incoming, response) => this.#serve(incoming, response));

  private constructor(agent: { readonly host: string; readonly port: number }) {
    this.#agent = agent;
  }

  static async start(agent: { readonly host: string; readonly port: number }): Promise<TamperingProxy> {
    const proxy = new TamperingProxy(agent);
    await new Promise<void>((resolve) => proxy.#server.listen(0, proxy.host, resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #serve(incoming: IncomingMessage, response: ServerResponse): void {
    const { url = '/', method } = incoming;
    this.requests.push(url);
    const { rewriteUrl, respond, headers = {} } = this.tampering;
    if (respond?.(incoming, response)) return;
    const { host, port } = this.#agent;
    const forwarded = request(
      { host, port, method, path: rewriteUrl?.(url) ?? url, headers: incoming.headers },
      (received) => {
        const sent = { ...received.headers };
        for (const [name, value] of Object.entries(headers)) {
          if (value === undefined) delete sent[name];
          else sent[name] = value;
        }
        response.writeHead(received.statusCode ?? 500, sent);
        received.pipe(response);
      },
    );
    forwarded.on('error', () => response.destroy());
    response.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  }
}
