import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DiscoveryError, errorCodes } from './errors.js';

it('the error codes and docs/errors.md list the same codes with the same texts', () => {
  const page = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([A-Z_]+)`\s*\| (.*?)\s*\|/gm)].map(([, code, meaning]) => [
    code,
    meaning,
  ]);
  expect(rows).toEqual(Object.entries(errorCodes));
});

it('an error of another copy of this package is an instance of DiscoveryError', () => {
  class OtherCopy extends Error {}
  const other = Object.assign(new OtherCopy(), { [Symbol.for('@rollcall/discovery/DiscoveryError')]: true });
  expect(other).toBeInstanceOf(DiscoveryError);
  expect(new Error('CLOSED: x')).not.toBeInstanceOf(DiscoveryError);
});

it('from() wraps an error once', () => {
  const cause = new Error('refused');
  const wrapped = DiscoveryError.from(cause, 'REGISTRY_UNAVAILABLE', 'etcd://h:2379');
  expect(wrapped).toMatchObject({
    code: 'REGISTRY_UNAVAILABLE',
    message: 'REGISTRY_UNAVAILABLE: etcd://h:2379: refused',
    cause,
  });
  expect(DiscoveryError.from(wrapped, 'CLOSED', 'again')).toBe(wrapped);
});

it('a message is one line without control characters, of bounded length', () => {
  const error = new DiscoveryError('INVALID_RECORD', `\n\u001b[2J\u202e${'x'.repeat(1_000_000)}`);
  expect(error.message).toMatch(/^INVALID_RECORD: \\u\{a\}\\u\{1b\}\[2J\\u\{202e\}x+\.\.\.$/);
  expect(error.message.length).toBeLessThan(1_100);
});
