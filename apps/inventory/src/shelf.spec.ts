import { describe, expect, it } from 'vitest';
import { assortment } from './assortment.js';
import { inventoryAt, nextSaleAfter, saleEveryMs } from './shelf.js';

const noon = Date.UTC(2026, 0, 1, 12);

function stocksAt(productId: string, now: number): number[] {
  return inventoryAt(productId, now)?.variants.map(({ stock }) => stock) ?? [];
}

describe('the shelf', () => {
  it('says the same at the same moment, however often and in whatever order it is asked', () => {
    const first = [...assortment.keys()].map((id) => inventoryAt(id, noon));
    const again = [...assortment.keys()].toReversed().map((id) => inventoryAt(id, noon));
    expect(again.toReversed()).toEqual(first);
  });

  it('has between nothing and a whole delivery of every variant at any time, and both do occur', () => {
    const [variant] = assortment.get('hp-kite') ?? [];
    const round = variant!.shelved + 1;
    const stocks = Array.from({ length: 2 * round }, (_, sale) =>
      stocksAt('hp-kite', noon + sale * saleEveryMs).at(0),
    );
    const pieces = Array.from({ length: round }, (_, stock) => stock);
    expect(stocks.toSorted((a, b) => a! - b!)).toEqual(pieces.flatMap((stock) => [stock, stock]));
  });

  it('stays as it is until the next sale, and changes with it', () => {
    let now = noon;
    for (let sale = 0; sale < 100; sale += 1) {
      const next = nextSaleAfter('kb-orbit', now);
      expect(next).toBeGreaterThan(now);
      expect(stocksAt('kb-orbit', next - 1)).toEqual(stocksAt('kb-orbit', now));
      expect(stocksAt('kb-orbit', next)).not.toEqual(stocksAt('kb-orbit', now));
      now = next;
    }
  });

  it('does not know a product that is not carried', () => {
    expect(inventoryAt('hp-nope', noon)).toBeUndefined();
  });
});
