import { GrpcStatus } from '@nestjs/microservices';
import { describe, expect, it } from 'vitest';
import { ProductController } from './product.controller.js';
import { products } from './products.js';

const controller = new ProductController();

describe('GetProduct', () => {
  it('returns the product with that id', () => {
    expect(controller.getProduct({ id: 'hp-aria' }).product).toMatchObject({
      id: 'hp-aria',
      category: 'headphones',
    });
  });

  it('rejects an unknown and an invalid id', () => {
    expect(() => controller.getProduct({ id: 'hp-nope' })).toThrow(grpcError('NOT_FOUND', '"hp-nope"'));
    expect(() => controller.getProduct({ id: '' })).toThrow(grpcError('INVALID_ARGUMENT', '""'));
    expect(() => controller.getProduct({ id: '../hp' })).toThrow(grpcError('INVALID_ARGUMENT', '"../hp"'));
  });
});

describe('ListProducts', () => {
  it.each([1, 7, 23, 24, 100])('returns all products page by page, %i per page', (pageSize) => {
    const pages = [controller.listProducts({ pageSize, pageToken: '' })];
    for (let token = pages[0]!.nextPageToken; token !== ''; token = pages.at(-1)!.nextPageToken) {
      pages.push(controller.listProducts({ pageSize, pageToken: token }));
    }
    expect(pages).toHaveLength(Math.ceil(24 / pageSize));
    expect(pages.flatMap(({ products: page }) => page)).toEqual(products);
  });

  it('uses a page size of 20 by default', () => {
    expect(controller.listProducts({ pageSize: 0, pageToken: '' }).products).toHaveLength(20);
  });

  it.each([-1, 101, 1.5, Number.NaN])('rejects a page size of %d', (pageSize) => {
    expect(() => controller.listProducts({ pageSize, pageToken: '' })).toThrow(
      grpcError('INVALID_ARGUMENT', `page_size ${pageSize}`),
    );
  });

  it.each([
    'x',
    '24',
    tokenFor('offset:24'),
    tokenFor('offset:0'),
    tokenFor('offset:-1'),
    tokenFor('offset:07'),
  ])('rejects a page token that it did not issue: %s', (pageToken) => {
    expect(() => controller.listProducts({ pageSize: 5, pageToken })).toThrow(
      grpcError('INVALID_ARGUMENT', `page_token "${pageToken}"`),
    );
  });
});

function tokenFor(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** An error with this gRPC code whose message contains `echoed`. */
function grpcError(code: keyof typeof GrpcStatus, echoed: string): object {
  return expect.objectContaining({
    code: GrpcStatus[code],
    message: expect.stringContaining(echoed) as string,
  }) as object;
}
