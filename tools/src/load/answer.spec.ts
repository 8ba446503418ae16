import { expect, it } from 'vitest';
import { readAnswer } from './answer.js';

const whole = {
  degraded: false,
  product: { servedBy: 'p1' },
  inventory: { servedBy: 'i1' },
  reviews: { servedBy: 'r1', summary: { servedBy: 'r2' } },
};
const gone = { unavailable: { code: 'UNAVAILABLE', message: 'nobody' } };

it('an answer is good with all three parts, and says who answered each call behind it', () => {
  expect(readAnswer(200, JSON.stringify(whole))).toEqual({
    servedBy: [
      ['product-detail', 'p1'],
      ['inventory', 'i1'],
      ['review', 'r1'],
      ['review', 'r2'],
    ],
  });
});

it.each([
  ['a part is away', 200, { ...whole, degraded: true, inventory: gone }, 'inventory UNAVAILABLE'],
  ['a part is missing', 200, { ...whole, reviews: undefined }, 'reviews missing'],
  ['it does not say it is whole', 200, { ...whole, degraded: undefined }, 'degraded'],
  ['a part is away but it claims to be whole', 200, { ...whole, product: gone }, 'product UNAVAILABLE'],
  ['it is an error', 503, { error: { code: 'UNAVAILABLE', message: '' } }, '503 UNAVAILABLE'],
  ['it is an error of somebody else', 502, {}, '502'],
])('an answer has failed when %s', (_, status, body, failure) => {
  expect(readAnswer(status, JSON.stringify(body)).failure).toBe(failure);
});

it('an answer has failed when it is not JSON', () => {
  expect(readAnswer(200, '<html>').failure).toBe('200 with a body that is not JSON');
});
