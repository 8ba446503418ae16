import { expect, it } from 'vitest';
import { UsageError } from '../usage-error.js';
import { serviceNames } from './service-names.js';

it('spells the name for each place', () => {
  expect(serviceNames('gift-wrap')).toEqual({
    service: 'gift-wrap',
    snake: 'gift_wrap',
    pascal: 'GiftWrap',
    camel: 'giftWrap',
    words: 'gift wrap',
  });
  expect(serviceNames('b2b')).toMatchObject({ snake: 'b2b', pascal: 'B2b', camel: 'b2b' });
});

it.each([
  '',
  'Gift',
  'gift_wrap',
  'gift-',
  '-gift',
  'gift--wrap',
  'gift-2',
  '2gift',
  '../gift',
  'x'.repeat(41),
])('rejects "%s", echoes it and says what to use', (name) => {
  expect(() => serviceNames(name)).toThrow(UsageError);
  expect(() => serviceNames(name)).toThrow(
    `invalid service name ${JSON.stringify(name)}: use words of lower-case letters and digits that start with a letter, joined by hyphens, at most 40 characters, like "gift-wrap"`,
  );
});

it.each([
  ['gift-service', 'omit "service"'],
  ['shared-cart', '"shared" is reserved'],
  ['controller', '"controller" is reserved'],
])('rejects "%s": %s', (name, reason) => {
  expect(() => serviceNames(name)).toThrow(reason);
});
