import type { ServiceName } from '../system/app-process.js';

/** One whole answer of the aggregator. */
export interface Answer {
  /** When it was complete, by `performance.now()`. */
  readonly at: number;
  readonly tookMs: number;
  /** Why it counts as failed: it was not a 200 with all of its parts. */
  readonly failure?: string;
  /** Each call behind it that was answered: of which service, and by which instance. */
  readonly servedBy: readonly (readonly [service: ServiceName, instance: string])[];
}

/** What a part of a page says of its origin, or of its absence. */
interface Part {
  readonly servedBy?: string;
  readonly unavailable?: { readonly code?: string };
  /** Reviews take two calls, which two instances may answer. */
  readonly summary?: { readonly servedBy?: string };
}

const parts = [
  ['product', 'product-detail'],
  ['inventory', 'inventory'],
  ['reviews', 'review'],
] as const;

/** Anything but a 200 with all three parts is a failure, and says which part is missing and why. */
export function readAnswer(status: number, text: string): Pick<Answer, 'servedBy' | 'failure'> {
  let page: Readonly<Record<string, unknown>>;
  try {
    page = JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return { servedBy: [], failure: `${status} with a body that is not JSON` };
  }
  if (status !== 200) {
    const { code = '' } = (page['error'] ?? {}) as { code?: string };
    return { servedBy: [], failure: `${status} ${code}`.trim() };
  }
  const servedBy: [ServiceName, string][] = [];
  let failure = page['degraded'] === false ? undefined : 'degraded';
  for (const [name, service] of parts) {
    const part = (page[name] ?? {}) as Part;
    if (part.unavailable || part.servedBy === undefined)
      failure = `${name} ${part.unavailable?.code ?? 'missing'}`;
    else servedBy.push([service, part.servedBy]);
    if (part.summary?.servedBy !== undefined) servedBy.push([service, part.summary.servedBy]);
  }
  return { servedBy, ...(failure !== undefined && { failure }) };
}
