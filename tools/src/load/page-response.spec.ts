import { expect, it } from 'vitest';
import { parsePage } from './page-response.js';

const completePage = {
  degraded: false,
  product: { servedBy: 'p1' },
  inventory: { servedBy: 'i1' },
  reviews: { servedBy: 'r1', summary: { servedBy: 'r2' } },
};
const unavailablePart = { unavailable: { code: 'UNAVAILABLE', message: 'no instance' } };

it('a page with all three parts has not failed, and names the instance of each call behind it', () => {
  expect(parsePage(200, JSON.stringify(completePage))).toEqual({
    servedBy: [
      ['product-detail', 'p1'],
      ['inventory', 'i1'],
      ['review', 'r1'],
      ['review', 'r2'],
    ],
  });
});

it.each([
  [
    'a part is unavailable',
    200,
    { ...completePage, degraded: true, inventory: unavailablePart },
    'inventory UNAVAILABLE',
  ],
  ['a part is missing', 200, { ...completePage, reviews: undefined }, 'reviews missing'],
  ['"degraded" is missing', 200, { ...completePage, degraded: undefined }, 'degraded'],
  [
    'a part is unavailable but "degraded" is false',
    200,
    { ...completePage, product: unavailablePart },
    'product UNAVAILABLE',
  ],
  [
    'the aggregator reports an error',
    503,
    { error: { code: 'UNAVAILABLE', message: '' } },
    '503 UNAVAILABLE',
  ],
  ['a proxy reports an error', 502, {}, '502'],
])('a request has failed when %s', (_, status, body, failure) => {
  expect(parsePage(status, JSON.stringify(body)).failure).toBe(failure);
});

it('a request has failed when the body is not JSON', () => {
  expect(parsePage(200, '<html>').failure).toBe('200 with a body that is not JSON');
});
