import type { WatchStockResponse } from '@rollcall/contracts';
import { take } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { inventoryAt, nextSaleAfter, saleIntervalMs } from './stock.js';
import { watchStock } from './stock-watch.js';

describe('watchStock', () => {
  const seen: WatchStockResponse[] = [];

  beforeEach(() => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 1, 12) });
    seen.length = 0;
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('sends the current stock of every variant on subscription', () => {
    const now = Date.now();
    watchStock('hp-pico')
      .subscribe((stock) => seen.push(stock))
      .unsubscribe();
    const levels = inventoryAt('hp-pico', now)?.variants.map(({ sku, stock }) => ({ sku, stock }));
    expect(seen).toEqual([{ levels, observedAtMs: now }]);
    expect(levels).toHaveLength(4);
  });

  it('sends the next change first if the caller has seen the current stock', () => {
    const seenAtMs = Date.now();
    vi.advanceTimersByTime(1);
    const watching = watchStock('hp-pico', seenAtMs).subscribe((stock) => seen.push(stock));
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(nextSaleAfter('hp-pico', seenAtMs) - Date.now() + 1);
    expect(seen).toHaveLength(1);
    watching.unsubscribe();
  });

  it.each([
    ['before the last sale', -saleIntervalMs],
    ['in the future', 60_000],
  ])('sends the current stock first if the caller has seen the stock %s', (_, ago) => {
    watchStock('hp-pico', Date.now() + ago)
      .subscribe((stock) => seen.push(stock))
      .unsubscribe();
    expect(seen).toHaveLength(1);
  });

  it('sends the new stock at a sale, and nothing before', () => {
    const watching = watchStock('hp-pico').subscribe((stock) => seen.push(stock));
    const sale = nextSaleAfter('hp-pico', Date.now());
    vi.advanceTimersByTime(sale - Date.now() - 1);
    expect(seen).toHaveLength(1);
    vi.advanceTimersByTime(2);
    expect(seen).toHaveLength(2);
    expect(seen[1]!.levels).not.toEqual(seen[0]!.levels);
    watching.unsubscribe();
  });

  it('sends one message per sale of each variant, each different from the previous one', () => {
    const watching = watchStock('hp-pico').subscribe((stock) => seen.push(stock));
    vi.advanceTimersByTime(10 * saleIntervalMs);
    watching.unsubscribe();
    expect(seen).toHaveLength(1 + 4 * 10);
    const shown = seen.map(({ levels }) => JSON.stringify(levels));
    expect(shown.filter((levels, index) => levels === shown[index - 1])).toEqual([]);
  });

  it('leaves no timer when unsubscribed between two messages', () => {
    const watching = watchStock('hp-pico').subscribe();
    expect(vi.getTimerCount()).toBe(1);
    watching.unsubscribe();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves no timer when unsubscribed while handling a message', () => {
    watchStock('hp-pico')
      .pipe(take(3))
      .subscribe((stock) => seen.push(stock));
    vi.advanceTimersByTime(2 * saleIntervalMs);
    expect(seen).toHaveLength(3);
    expect(vi.getTimerCount()).toBe(0);
  });
});
