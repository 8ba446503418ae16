import { expect, it } from 'vitest';
import { paginate } from './paginate.js';

const letters = [...'abcdefg'];
const sizes = { defaultSize: 3, maxSize: 5 };

it('returns every item once, in order', () => {
  const pages: string[][] = [];
  let pageToken = '';
  do {
    const { items, nextPageToken } = paginate(letters, { ...sizes, pageSize: 0, pageToken });
    pages.push(items);
    pageToken = nextPageToken;
  } while (pageToken !== '');
  expect(pages).toEqual([['a', 'b', 'c'], ['d', 'e', 'f'], ['g']]);
});

it('returns no token with the last page', () => {
  expect(paginate([...'abc'], { ...sizes, pageSize: 3, pageToken: '' }).nextPageToken).toBe('');
});

it.each([-1, 6, 1.5])('rejects page_size %s and echoes it', (pageSize) => {
  expect(() => paginate(letters, { ...sizes, pageSize, pageToken: '' })).toThrow(`page_size ${pageSize}:`);
});

it.each(['nonsense', 'b2Zmc2V0Ojk5', 'b2Zmc2V0Oi0x'])('rejects page_token %s and echoes it', (pageToken) => {
  expect(() => paginate(letters, { ...sizes, pageSize: 0, pageToken })).toThrow(`"${pageToken}"`);
});
