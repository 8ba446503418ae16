import { GrpcStatus } from '@nestjs/microservices';
import { describe, expect, it } from 'vitest';
import { ProductController } from './product.controller.js';
import { products } from './products.js';

const controller = new ProductController();

describe('GetProduct', () => {
  it('answers with the product of that id', () => {
    expect(controller.getProduct({ id: 'hp-aria' }).product).toMatchObject({
      id: 'hp-aria',
      category: 'headphones',
    });
  });

  it('refuses an id that nothing has, and one that cannot be', () => {
    expect(() => controller.getProduct({ id: 'hp-nope' })).toThrow(refusal('NOT_FOUND', '"hp-nope"'));
    expect(() => controller.getProduct({ id: '' })).toThrow(refusal('INVALID_ARGUMENT', '""'));
    expect(() => controller.getProduct({ id: '../hp' })).toThrow(refusal('INVALID_ARGUMENT', '"../hp"'));
  });
});

describe('ListProducts', () => {
  it.each([1, 7, 23, 24, 100])('leads through all products, %i a page', (pageSize) => {
    const pages = [controller.listProducts({ pageSize, pageToken: '' })];
    for (let token = pages[0]!.nextPageToken; token !== ''; token = pages.at(-1)!.nextPageToken) {
      pages.push(controller.listProducts({ pageSize, pageToken: token }));
    }
    expect(pages).toHaveLength(Math.ceil(24 / pageSize));
    expect(pages.flatMap(({ products: page }) => page)).toEqual(products);
  });

  it('takes 20 for a page size that was not given', () => {
    expect(controller.listProducts({ pageSize: 0, pageToken: '' }).products).toHaveLength(20);
  });

  it.each([-1, 101, 1.5, Number.NaN])('refuses a page size of %d', (pageSize) => {
    expect(() => controller.listProducts({ pageSize, pageToken: '' })).toThrow(
      refusal('INVALID_ARGUMENT', `page_size ${pageSize}`),
    );
  });

  it.each([
    'x',
    '24',
    tokenFor('offset:24'),
    tokenFor('offset:0'),
    tokenFor('offset:-1'),
    tokenFor('offset:07'),
  ])('refuses a page token that it did not give out: %s', (pageToken) => {
    expect(() => controller.listProducts({ pageSize: 5, pageToken })).toThrow(
      refusal('INVALID_ARGUMENT', `page_token "${pageToken}"`),
    );
  });
});

function tokenFor(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** An error of this gRPC code that echoes this value. */
function refusal(code: keyof typeof GrpcStatus, echoed: string): object {
  return expect.objectContaining({
    code: GrpcStatus[code],
    message: expect.stringContaining(echoed) as string,
  }) as object;
}
