import type { WatchStockResponse } from '@rollcall/contracts';
import { defer, expand, map, type Observable, of, timer } from 'rxjs';
import { inventoryAt, nextSaleAfter } from './shelf.js';

/**
 * The stock of a carried product: as it is on subscription, unless it was like that at `seenAtMs` (ms since the Unix
 * epoch) already, then at each change, without end. Between two changes it
 * holds one timer, which goes with the subscription; Nest ends that when the caller cancels and when a draining server
 * ends the stream.
 */
export function watchStock(productId: string, seenAtMs = 0): Observable<WatchStockResponse> {
  return defer(() => (isNews(productId, seenAtMs) ? of(Date.now()) : nextSale(productId, Date.now()))).pipe(
    expand((now) => nextSale(productId, now)),
    map((now) => ({ levels: levelsAt(productId, now), observedAtMs: now })),
  );
}

/** One more millisecond, because a timer may fire that much before its time. */
function nextSale(productId: string, now: number): Observable<number> {
  return timer(nextSaleAfter(productId, now) - now + 1).pipe(map(() => Date.now()));
}

/** A time to come is another host's clock: better twice than not at all. */
function isNews(productId: string, seenAtMs: number): boolean {
  const now = Date.now();
  return seenAtMs > now || nextSaleAfter(productId, seenAtMs) <= now;
}

function levelsAt(productId: string, now: number): WatchStockResponse['levels'] {
  return (inventoryAt(productId, now)?.variants ?? []).map(({ sku, stock }) => ({ sku, stock }));
}
