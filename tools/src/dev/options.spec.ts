import { expect, it } from 'vitest';
import { UsageError } from '../usage-error.js';
import { parseOptions } from './options.js';

const apps = ['inventory', 'review'];
const parse = (line: string) => parseOptions(line.split(' ').filter(Boolean), apps);

it('takes a service and options', () => {
  expect(parse('inventory')).toEqual({ app: 'inventory', break: false, compose: false });
  expect(parse('review --port 0 --break --compose')).toEqual({
    app: 'review',
    port: 0,
    break: true,
    compose: true,
  });
  expect(parse('--help')).toBe('help');
});

it.each([
  ['', 'name one service: inventory, review'],
  ['inventory review', 'name one service: inventory, review'],
  ['inventori', 'unknown service "inventori": use one of inventory, review'],
  ['inventory --port 9229x', 'invalid --port "9229x": use an integer from 0 to 65535'],
  ['inventory --port 65536', 'invalid --port "65536": use an integer from 0 to 65535'],
  ['inventory --inspect', "Unknown option '--inspect'"],
])('rejects "%s"', (line, message) => {
  expect(() => parse(line)).toThrow(UsageError);
  expect(() => parse(line)).toThrow(message);
});
