export interface HttpAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Calls a registry's own HTTP API. Resolves with the parsed JSON, or the text of a response that is none.
 * @throws {Error} for any status but 2xx.
 */
export async function httpApi(
  { host, port }: HttpAddress,
  method: 'GET' | 'PUT' | 'POST' | 'DELETE',
  path: string,
  body?: object | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const response = await fetch(`http://${host}:${port}${path}`, {
    method,
    ...(body && { body: body instanceof Uint8Array ? body : JSON.stringify(body) }),
    headers,
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Consul's HTTP API, with an ACL token where one is given. `path` comes after `/v1/`. */
export function consulApi(server: HttpAddress, token?: string) {
  const headers = token === undefined ? {} : { 'X-Consul-Token': token };
  return (method: 'GET' | 'PUT' | 'DELETE', path: string, body?: object) =>
    httpApi(server, method, `/v1/${path}`, body, headers);
}

/** Runs `task` on each item, at most `width` at a time. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  task: (item: T) => Promise<unknown>,
): Promise<void> {
  const left = [...items];
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let item = left.pop(); item !== undefined; item = left.pop()) await task(item);
    }),
  );
}

export function chunksOf<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
