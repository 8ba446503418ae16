import { GrpcStatus } from '@nestjs/microservices';
import { describe, expect, it } from 'vitest';
import { InventoryController } from './inventory.controller.js';

const controller = new InventoryController();

describe('GetInventory', () => {
  it('answers with the variants of a product that is carried', () => {
    const { inventory } = controller.getInventory({ productId: 'hp-aria' });
    expect(inventory).toMatchObject({ productId: 'hp-aria' });
    expect(inventory?.variants.map(({ sku }) => sku)).toEqual([
      'hp-aria-black',
      'hp-aria-sand',
      'hp-aria-forest',
    ]);
  });

  it('refuses a product that is not carried, and an id that cannot be', () => {
    expect(() => controller.getInventory({ productId: 'hp-nope' })).toThrow(
      refusal('NOT_FOUND', '"hp-nope"'),
    );
    expect(() => controller.getInventory({ productId: 'HP Aria' })).toThrow(
      refusal('INVALID_ARGUMENT', '"HP Aria"'),
    );
    expect(() => controller.getInventory({ productId: '' })).toThrow(refusal('INVALID_ARGUMENT', '""'));
  });
});

describe('BatchGetInventory', () => {
  it('answers in the order asked for and leaves out what is not carried', () => {
    const { inventories } = controller.batchGetInventory({ productIds: ['sp-tuba', 'hp-nope', 'hp-aria'] });
    expect(inventories.map(({ productId }) => productId)).toEqual(['sp-tuba', 'hp-aria']);
  });

  it('takes 100 ids and refuses none, 101, and one that cannot be', () => {
    const ids = (count: number) => Array.from({ length: count }, () => 'hp-aria');
    expect(controller.batchGetInventory({ productIds: ids(100) }).inventories).toHaveLength(100);
    expect(() => controller.batchGetInventory({ productIds: [] })).toThrow(refusal('INVALID_ARGUMENT', '0'));
    expect(() => controller.batchGetInventory({ productIds: ids(101) })).toThrow(
      refusal('INVALID_ARGUMENT', '101'),
    );
    expect(() => controller.batchGetInventory({ productIds: ['hp-aria', 'hp/aria'] })).toThrow(
      refusal('INVALID_ARGUMENT', '"hp/aria"'),
    );
  });
});

describe('WatchStock', () => {
  it('refuses, before anything is sent, what GetInventory refuses', () => {
    expect(() => controller.watchStock({ productId: 'hp-nope', seenAtMs: 0 })).toThrow(
      refusal('NOT_FOUND', '"hp-nope"'),
    );
    expect(() => controller.watchStock({ productId: '', seenAtMs: 0 })).toThrow(
      refusal('INVALID_ARGUMENT', '""'),
    );
  });
});

/** An error of this gRPC code that echoes this value. */
function refusal(code: keyof typeof GrpcStatus, echoed: string): object {
  return expect.objectContaining({
    code: GrpcStatus[code],
    message: expect.stringContaining(echoed) as string,
  }) as object;
}
