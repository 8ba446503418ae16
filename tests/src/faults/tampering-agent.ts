import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of a request: answered here (true), or passed on, and how. */
export interface Tampering {
  /** The path and query to ask the agent for. */
  readonly ask?: (url: string) => string;
  /** Writes an answer in place of the agent's; false leaves it to the agent. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Headers that stand in for the agent's; undefined takes one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** Consul's HTTP API with something wrong in between: what no healthy agent says. */
export class TamperingAgent {
  readonly host = '127.0.0.1';
  /** Paths with their queries, as they came. */
  readonly requests: string[] = [];
  tampering: Tampering = {};
  readonly #agent: { readonly host: string; readonly port: number };
  readonly #server = createServer((incoming, response) => this.#serve(incoming, response));

  private constructor(agent: { readonly host: string; readonly port: number }) {
    this.#agent = agent;
  }

  static async start(agent: { readonly host: string; readonly port: number }): Promise<TamperingAgent> {
    const tampering = new TamperingAgent(agent);
    await new Promise<void>((resolve) => tampering.#server.listen(0, tampering.host, resolve));
    return tampering;
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
    const { ask, answer, headers = {} } = this.tampering;
    if (answer?.(incoming, response)) return;
    const { host, port } = this.#agent;
    const onward = request(
      { host, port, method, path: ask?.(url) ?? url, headers: incoming.headers },
      (answered) => {
        const present = { ...answered.headers };
        for (const [name, value] of Object.entries(headers)) {
          if (value === undefined) delete present[name];
          else present[name] = value;
        }
        response.writeHead(answered.statusCode ?? 500, present);
        answered.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    incoming.pipe(onward);
  }
}
