/** A registry's own HTTP API, as its operator uses it. @throws {Error} for any answer but 200. */
export async function ask(
  { host, port }: { readonly host: string; readonly port: number },
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

/** Runs `task` for each, `width` at a time. */
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

/** `items`, so many at a time. */
export function chunksOf<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
