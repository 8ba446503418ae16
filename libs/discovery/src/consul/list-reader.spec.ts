import { describe, expect, it } from 'vitest';
import { ListReader } from './list-reader.js';

/** Reads lists given as JSON; counts the elements that were parsed. */
function readerOf() {
  const parsed: unknown[] = [];
  const reader = new ListReader((element) => {
    parsed.push(element);
    return element;
  });
  return { parsed, read: (json: string) => reader.read(Buffer.from(json)) };
}

describe('a JSON list', () => {
  it.each([
    '[]',
    ' [ ] \n',
    '[{}]',
    '[{"a":[1,{"b":"],["}]}, {"c":"\\"},{\\\\"} , null,7,"x,y",[[]],true ]\n',
    '["\\u00e9 é 😀 \\\\", "\\"" ]',
    `[{"deep":${'['.repeat(500)}${']'.repeat(500)}}]`,
  ])('is read as JSON.parse does: %.60s', (json) => {
    expect(readerOf().read(json)).toEqual(JSON.parse(json));
  });

  it.each([
    '',
    'null',
    '{}',
    '[',
    '[1',
    '[1,]',
    '[,1]',
    '[1 2]',
    '[1]]',
    '[1][2]',
    '[{]}]',
    '["a]',
    '["\\"]',
    '[{"a":1}',
    '[nul]',
    'rpc error: [x]',
  ])('%j is not one', (json) => {
    expect(() => readerOf().read(json)).toThrow(SyntaxError);
  });
});

describe('the next state of a list', () => {
  const element = (id: number, value = 'x') => ({ id, value: value.repeat(50) });
  const elements = Array.from({ length: 100 }, (_, id) => element(id));

  it.each<[string, (list: object[]) => object[], parsed: number]>([
    ['one more in the middle', (list) => list.toSpliced(50, 0, element(1_000)), 1],
    ['one more at the end', (list) => [...list, element(1_000)], 1],
    ['one less', (list) => list.toSpliced(50, 1), 0],
    ['one changed', (list) => list.with(50, element(50, 'y')), 1],
    ['two changed, far apart', (list) => list.with(3, element(3, 'y')).with(90, element(90, 'y')), 2],
    ['the first moved to the end', (list) => [...list.slice(1), list[0]!], 0],
    ['none', () => [], 0],
    ['all others', (list) => list.map((_, id) => element(id, 'z')), 100],
  ])('with %s: only that is parsed', (_, change, count) => {
    const { parsed, read } = readerOf();
    const before = read(JSON.stringify(elements))!;
    parsed.length = 0;
    const changed = change(elements);
    const now = read(JSON.stringify(changed));
    expect(now).toEqual(changed);
    expect(parsed).toHaveLength(count);
    expect(now!.filter((value) => !parsed.includes(value) && !before.includes(value))).toEqual([]);
    expect(read(JSON.stringify(elements))).toEqual(elements);
  });

  it('is undefined when the text is the same', () => {
    const { read } = readerOf();
    expect(read('[]')).toEqual([]);
    expect(read('[]')).toBeUndefined();
    expect(read('[1]')).toEqual([1]);
    expect(read('[1]')).toBeUndefined();
    expect(read('[]')).toEqual([]);
  });

  it('is read after one that was invalid', () => {
    const { read } = readerOf();
    read('[1,2]');
    expect(() => read('[1,oops]')).toThrow(SyntaxError);
    expect(read('[1,3]')).toEqual([1, 3]);
  });
});
