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

export interface Request {
  readonly method: 'GET' | 'PUT';
  /** Including the query. */
  readonly path: string;
  readonly body?: object;
  /** From connecting to the end of the body. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface Response {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The largest body that is read, in bytes: room for 50,000 instances. */
const maxBodyBytes = 64 * 1024 * 1024;

/**
 * HTTP to one agent over kept-alive connections. Not `fetch`, which accepts certificates only through a dispatcher of the
 * undici version built into Node.
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
   * Resolves with any status.
   * @throws {DiscoveryError} REGISTRY_UNAVAILABLE without a complete response in time.
   */
  async send({ method, path, body, timeoutMs, signal }: Request): Promise<Response> {
    const payload = body && Buffer.from(JSON.stringify(body));
    try {
      return await new Promise<Response>((resolve, reject) => {
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
          request.destroy(new Error(`no response within ${timeoutMs} ms`));
        });
        request.on('error', reject);
        request.on('close', () => {
          cancelDeadline();
          signal?.removeEventListener('abort', abort);
          reject(new Error('the connection was closed before the end of the response'));
        });
        request.on('response', (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          response.on('data', (chunk: Buffer) => {
            chunks.push(chunk);
            size += chunk.length;
            if (size > maxBodyBytes) request.destroy(new Error(`more than ${maxBodyBytes} bytes`));
          });
          response.on('error', reject);
          response.on('end', () => {
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks),
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

/** The error for a request without a response. */
export function unavailable(error: unknown, what: string): DiscoveryError {
  // One error for each address of the host; the first one is enough.
  const reason = error instanceof AggregateError ? error.errors[0] : error;
  return DiscoveryError.from(reason, 'REGISTRY_UNAVAILABLE', what);
}

/** The error for a status other than 200. A 4xx is permanent, except for timeouts and rate limits. */
export function errorOfStatus(status: number, body: string, what: string): DiscoveryError {
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
