import { GrpcStatus } from '@nestjs/microservices';
import { describe, expect, it } from 'vitest';
import { InventoryController } from './inventory.controller.js';

const controller = new InventoryController();

describe('GetInventory', () => {
  it('returns the variants of a product', () => {
    const { inventory } = controller.getInventory({ productId: 'hp-aria' });
    expect(inventory).toMatchObject({ productId: 'hp-aria' });
    expect(inventory?.variants.map(({ sku }) => sku)).toEqual([
      'hp-aria-forest',
      'hp-aria-black',
      'hp-aria-sand',
    ]);
  });

  it('rejects an unknown and an invalid id', () => {
    expect(() => controller.getInventory({ productId: 'hp-nope' })).toThrow(
      grpcError('NOT_FOUND', '"hp-nope"'),
    );
    expect(() => controller.getInventory({ productId: 'HP Aria' })).toThrow(
      grpcError('INVALID_ARGUMENT', '"HP Aria"'),
    );
    expect(() => controller.getInventory({ productId: '' })).toThrow(grpcError('INVALID_ARGUMENT', '""'));
  });
});

describe('BatchGetInventory', () => {
  it('returns the inventories in the requested order, without unknown products', () => {
    const { inventories } = controller.batchGetInventory({ productIds: ['sp-tuba', 'hp-nope', 'hp-aria'] });
    expect(inventories.map(({ productId }) => productId)).toEqual(['sp-tuba', 'hp-aria']);
  });

  it('accepts 100 ids and rejects 0, 101 and an invalid one', () => {
    const ids = (count: number) => Array.from({ length: count }, () => 'hp-aria');
    expect(controller.batchGetInventory({ productIds: ids(100) }).inventories).toHaveLength(100);
    expect(() => controller.batchGetInventory({ productIds: [] })).toThrow(
      grpcError('INVALID_ARGUMENT', '0'),
    );
    expect(() => controller.batchGetInventory({ productIds: ids(101) })).toThrow(
      grpcError('INVALID_ARGUMENT', '101'),
    );
    expect(() => controller.batchGetInventory({ productIds: ['hp-aria', 'hp/aria'] })).toThrow(
      grpcError('INVALID_ARGUMENT', '"hp/aria"'),
    );
  });
});

describe('WatchStock', () => {
  it('rejects what GetInventory rejects, before the stream starts', () => {
    expect(() => controller.watchStock({ productId: 'hp-nope', seenAtMs: 0 })).toThrow(
      grpcError('NOT_FOUND', '"hp-nope"'),
    );
    expect(() => controller.watchStock({ productId: '', seenAtMs: 0 })).toThrow(
      grpcError('INVALID_ARGUMENT', '""'),
    );
  });
});

/** An error with this gRPC code whose message contains `echoed`. */
function grpcError(code: keyof typeof GrpcStatus, echoed: string): object {
  return expect.objectContaining({
    code: GrpcStatus[code],
    message: expect.stringContaining(echoed) as string,
  }) as object;
}
