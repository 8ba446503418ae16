import { describe, expect, it } from 'vitest';
import { catalog } from './catalog.js';
import { inventoryAt, nextSaleAfter, saleIntervalMs } from './stock.js';

const noon = Date.UTC(2026, 0, 1, 12);

function stocksAt(productId: string, now: number): number[] {
  return inventoryAt(productId, now)?.variants.map(({ stock }) => stock) ?? [];
}

describe('the stock of a product', () => {
  it('depends on the time only, not on the order of requests', () => {
    const first = [...catalog.keys()].map((id) => inventoryAt(id, noon));
    const again = [...catalog.keys()].toReversed().map((id) => inventoryAt(id, noon));
    expect(again.toReversed()).toEqual(first);
  });

  it('takes every value from 0 to the maximum equally often', () => {
    const [variant] = catalog.get('hp-kite') ?? [];
    const cycle = variant!.maxStock + 1;
    const stocks = Array.from({ length: 2 * cycle }, (_, sale) =>
      stocksAt('hp-kite', noon + sale * saleIntervalMs).at(0),
    );
    const pieces = Array.from({ length: cycle }, (_, stock) => stock);
    expect(stocks.toSorted((a, b) => a! - b!)).toEqual(pieces.flatMap((stock) => [stock, stock]));
  });

  it('changes at the next sale, and not before', () => {
    let now = noon;
    for (let sale = 0; sale < 100; sale += 1) {
      const next = nextSaleAfter('kb-orbit', now);
      expect(next).toBeGreaterThan(now);
      expect(stocksAt('kb-orbit', next - 1)).toEqual(stocksAt('kb-orbit', now));
      expect(stocksAt('kb-orbit', next)).not.toEqual(stocksAt('kb-orbit', now));
      now = next;
    }
  });

  it('is undefined for an unknown product', () => {
    expect(inventoryAt('hp-nope', noon)).toBeUndefined();
  });
});
