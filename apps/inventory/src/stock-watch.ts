import type { WatchStockResponse } from '@rollcall/contracts';
import { defer, expand, map, type Observable, of, timer } from 'rxjs';
import { inventoryAt, nextSaleAfter } from './stock.js';

/**
 * The stock of a known product: the current stock on subscription, unless the caller has seen it (`seenAtMs`, in ms
 * since the Unix epoch), then every change. It never completes. The only timer ends with the subscription, which Nest
 * ends when the caller cancels and when a draining server ends the stream.
 */
export function watchStock(productId: string, seenAtMs = 0): Observable<WatchStockResponse> {
  return defer(() =>
    hasChangedSince(productId, seenAtMs) ? of(Date.now()) : nextSale(productId, Date.now()),
  ).pipe(
    expand((now) => nextSale(productId, now)),
    map((now) => ({ levels: levelsAt(productId, now), observedAtMs: now })),
  );
}

/** A timer may fire up to a millisecond early. */
function nextSale(productId: string, now: number): Observable<number> {
  return timer(nextSaleAfter(productId, now) - now + 1).pipe(map(() => Date.now()));
}

/** A time in the future comes from another host's clock: sending the stock twice is better than not at all. */
function hasChangedSince(productId: string, seenAtMs: number): boolean {
  const now = Date.now();
  return seenAtMs > now || nextSaleAfter(productId, seenAtMs) <= now;
}

function levelsAt(productId: string, now: number): WatchStockResponse['levels'] {
  return (inventoryAt(productId, now)?.variants ?? []).map(({ sku, stock }) => ({ sku, stock }));
}
