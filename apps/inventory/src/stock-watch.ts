import type { WatchStockResponse } from '@rollcall/contracts';
import { defer, expand, map, type Observable, of, timer } from 'rxjs';
import { inventoryAt, nextSaleAfter } from './shelf.js';

/**
 * The stock of a carried product: as it is on subscription, then at each change, without end. Between two changes it
 * holds one timer, which goes with the subscription; Nest ends that when the caller cancels and when a draining server
 * ends the stream.
 */
export function watchStock(productId: string): Observable<WatchStockResponse> {
  return defer(() => of(Date.now())).pipe(
    // One more millisecond, because a timer may fire that much before its time.
    expand((now) => timer(nextSaleAfter(productId, now) - now + 1).pipe(map(() => Date.now()))),
    map((now) => ({ levels: levelsAt(productId, now), observedAtMs: now })),
  );
}

function levelsAt(productId: string, now: number): WatchStockResponse['levels'] {
  return (inventoryAt(productId, now)?.variants ?? []).map(({ sku, stock }) => ({ sku, stock }));
}
