import type { WatchStockResponse } from '@rollcall/contracts';
import { take } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { inventoryAt, nextSaleAfter, saleEveryMs } from './shelf.js';
import { watchStock } from './stock-watch.js';

describe('a watch of the stock', () => {
  const seen: WatchStockResponse[] = [];

  beforeEach(() => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 1, 12) });
    seen.length = 0;
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is subscribed: it shows every variant as it is now', () => {
    const now = Date.now();
    watchStock('hp-pico')
      .subscribe((stock) => seen.push(stock))
      .unsubscribe();
    const levels = inventoryAt('hp-pico', now)?.variants.map(({ sku, stock }) => ({ sku, stock }));
    expect(seen).toEqual([{ levels, observedAtMs: now }]);
    expect(levels).toHaveLength(4);
  });

  it('is resumed by one who has seen how it is: it shows the next change first', () => {
    const seenAtMs = Date.now();
    vi.advanceTimersByTime(1);
    const watching = watchStock('hp-pico', seenAtMs).subscribe((stock) => seen.push(stock));
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(nextSaleAfter('hp-pico', seenAtMs) - Date.now() + 1);
    expect(seen).toHaveLength(1);
    watching.unsubscribe();
  });

  it.each([
    ['before the last sale', -saleEveryMs],
    ['at a time to come', 60_000],
  ])('is resumed by one who saw it %s: it shows it as it is now', (_, ago) => {
    watchStock('hp-pico', Date.now() + ago)
      .subscribe((stock) => seen.push(stock))
      .unsubscribe();
    expect(seen).toHaveLength(1);
  });

  it('a piece is sold: it shows the new stock at once, and nothing in between', () => {
    const watching = watchStock('hp-pico').subscribe((stock) => seen.push(stock));
    const sale = nextSaleAfter('hp-pico', Date.now());
    vi.advanceTimersByTime(sale - Date.now() - 1);
    expect(seen).toHaveLength(1);
    vi.advanceTimersByTime(2);
    expect(seen).toHaveLength(2);
    expect(seen[1]!.levels).not.toEqual(seen[0]!.levels);
    watching.unsubscribe();
  });

  it('is kept for a while: one message for each sale of each variant, every one different from the last', () => {
    const watching = watchStock('hp-pico').subscribe((stock) => seen.push(stock));
    vi.advanceTimersByTime(10 * saleEveryMs);
    watching.unsubscribe();
    expect(seen).toHaveLength(1 + 4 * 10);
    const shown = seen.map(({ levels }) => JSON.stringify(levels));
    expect(shown.filter((levels, index) => levels === shown[index - 1])).toEqual([]);
  });

  it('is unsubscribed between two messages: no timer is left', () => {
    const watching = watchStock('hp-pico').subscribe();
    expect(vi.getTimerCount()).toBe(1);
    watching.unsubscribe();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is ended by its watcher from within a message: no timer is left', () => {
    watchStock('hp-pico')
      .pipe(take(3))
      .subscribe((stock) => seen.push(stock));
    vi.advanceTimersByTime(2 * saleEveryMs);
    expect(seen).toHaveLength(3);
    expect(vi.getTimerCount()).toBe(0);
  });
});
