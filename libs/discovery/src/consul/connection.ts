import {
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  request as httpRequest,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { DiscoveryError } from '../model/errors.js';
import { addressOf } from '../model/instance.js';
import { startTimer } from '../runtime/timers.js';
import type { ConsulSettings } from './options.js';

export interface Exchange {
  readonly method: 'GET' | 'PUT';
  /** With its query. */
  readonly path: string;
  readonly body?: object;
  /** For the whole exchange, connecting and reading included. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An answer larger than this is not read, in bytes: room for 50,000 instances. */
const maxAnswerBytes = 64 * 1024 * 1024;

/**
 * HTTP to one agent, over connections that are kept. Not `fetch`, which takes certificates only through a dispatcher of
 * the undici that a Node release happens to carry.
 */
export class Connection {
  readonly baseUrl: string;
  readonly headers: OutgoingHttpHeaders;
  /** Shared with the `consul` package. */
  readonly agent: HttpAgent | HttpsAgent;
  readonly #host: string;
  readonly #port: number;
  readonly #request: typeof httpRequest;

  constructor({ host, port, tls, token, namespace }: ConsulSettings) {
    this.#host = host;
    this.#port = port;
    this.baseUrl = `${tls === false ? 'http' : 'https'}://${addressOf({ host, port })}`;
    this.headers = {
      ...(token !== undefined && { 'X-Consul-Token': token }),
      ...(namespace !== undefined && { 'X-Consul-Namespace': namespace }),
    };
    this.#request = tls === false ? httpRequest : httpsRequest;
    const keep = { keepAlive: true, maxFreeSockets: 4 };
    const { serverName, ...pem } = typeof tls === 'object' ? tls : {};
    this.agent =
      tls === false
        ? new HttpAgent(keep)
        : new HttpsAgent({ ...keep, ...pem, ...(serverName !== undefined && { servername: serverName }) });
  }

  /**
   * One exchange, whatever the status.
   * @throws {DiscoveryError} REGISTRY_UNAVAILABLE when there was none, or it took too long.
   */
  async exchange({ method, path, body, timeoutMs, signal }: Exchange): Promise<Answer> {
    const payload = body && Buffer.from(JSON.stringify(body));
    try {
      return await new Promise<Answer>((resolve, reject) => {
        const request = this.#request({
          host: this.#host,
          port: this.#port,
          agent: this.agent,
          method,
          path,
          headers: {
            ...this.headers,
            ...(payload && { 'Content-Type': 'application/json', 'Content-Length': payload.length }),
          },
        });
        const abort = () => request.destroy(new Error('aborted'));
        const cancelDeadline = startTimer(timeoutMs, () => {
          request.destroy(new Error(`no answer within ${timeoutMs} ms`));
        });
        request.on('error', reject);
        request.on('close', () => {
          cancelDeadline();
          signal?.removeEventListener('abort', abort);
          reject(new Error('the connection was closed before the answer'));
        });
        request.on('response', (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          response.on('data', (chunk: Buffer) => {
            chunks.push(chunk);
            size += chunk.length;
            if (size > maxAnswerBytes) request.destroy(new Error(`more than ${maxAnswerBytes} bytes`));
          });
          response.on('error', reject);
          response.on('end', () => {
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks).toString(),
            });
          });
        });
        if (signal?.aborted) return abort();
        signal?.addEventListener('abort', abort);
        request.end(payload);
      });
    } catch (error) {
      throw unavailable(error, `${method} ${this.baseUrl}${path.split('?')[0]}`);
    }
  }

  destroy(): void {
    this.agent.destroy();
  }
}

/** What is thrown when there was no answer. */
export function unavailable(error: unknown, what: string): DiscoveryError {
  // Of a name with several addresses, each failed for its own reason; the first one will do.
  const reason = error instanceof AggregateError ? error.errors[0] : error;
  return DiscoveryError.from(reason, 'REGISTRY_UNAVAILABLE', what);
}

/** What is thrown for an answer other than 200: a 4xx is an answer that asking again will not change. */
export function refusal(status: number, body: string, what: string): DiscoveryError {
  const refused = status >= 400 && status < 500 && status !== 408 && status !== 429;
  return new DiscoveryError(
    refused ? 'REGISTRY_REFUSED' : 'REGISTRY_UNAVAILABLE',
    `${what}: ${status} ${excerpt(body)}`,
  );
}

export function excerpt(body: string): string {
  const line = body.trim().replaceAll(/\s+/g, ' ');
  return line.length > 120 ? `${line.slice(0, 117)}...` : line;
}
