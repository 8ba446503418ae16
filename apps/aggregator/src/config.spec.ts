import { expect, it } from 'vitest';
import { AggregatorConfig } from './config.js';

it.each([
  [undefined, 2_000],
  ['', 2_000],
  ['750', 750],
])('REQUEST_TIMEOUT_MS=%j sets the timeout to %i ms', (text, ms) => {
  expect(new AggregatorConfig(text === undefined ? {} : { REQUEST_TIMEOUT_MS: text }).requestTimeoutMs).toBe(
    ms,
  );
});

it.each(['abc', '0', '9', '60001', '1.5', '2s', '1e3', '0x10', ' 20 '])(
  'REQUEST_TIMEOUT_MS=%j is rejected with its name and value',
  (text) => {
    expect(() => new AggregatorConfig({ REQUEST_TIMEOUT_MS: text })).toThrow(
      `REQUEST_TIMEOUT_MS=${JSON.stringify(text)}: `,
    );
  },
);

it('API_DOCS=false is rejected with its name and value', () => {
  expect(() => new AggregatorConfig({ API_DOCS: 'false' })).toThrow('invalid API_DOCS="false": ');
});
