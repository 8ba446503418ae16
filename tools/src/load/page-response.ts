import type { ServiceName } from '../system/app-process.js';

/** A response of the aggregator to a request for a product page. */
export interface PageResponse {
  /** When it was complete, by `performance.now()`. */
  readonly at: number;
  readonly tookMs: number;
  /** Why the request counts as failed. */
  readonly failure?: string;
  /** The service and the instance of each successful call behind the page. */
  readonly servedBy: readonly (readonly [service: ServiceName, instance: string])[];
}

/** A part of the page: which instance served it, or why it is unavailable. */
interface Part {
  readonly servedBy?: string;
  readonly unavailable?: { readonly code?: string };
  /** Reviews take two calls, which two instances may serve. */
  readonly summary?: { readonly servedBy?: string };
}

const parts = [
  ['product', 'product-detail'],
  ['inventory', 'inventory'],
  ['reviews', 'review'],
] as const;

/** Anything but a 200 with all three parts is a failure; the reason names the missing part. */
export function parsePage(status: number, text: string): Pick<PageResponse, 'servedBy' | 'failure'> {
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
