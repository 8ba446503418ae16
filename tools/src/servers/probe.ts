/** How long one question to a registry may take while we wait for it, in ms. */
const answerWithinMs = 1_000;

/** GET (or POST, with a body); undefined when nothing answers in time. */
export async function ask(
  url: string,
  { headers = {}, body }: { headers?: Readonly<Record<string, string>>; body?: unknown } = {},
): Promise<{ status: number; headers: Headers; body: unknown } | undefined> {
  try {
    const response = await fetch(url, {
      headers: { ...headers, connection: 'close' },
      signal: AbortSignal.timeout(answerWithinMs),
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parse(text) };
  } catch {
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The value at `path` of an answer of unknown shape. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined,
    value,
  );
}
