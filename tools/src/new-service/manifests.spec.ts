import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { repositoryRoot } from '../repository-root.js';
import { manifests } from './manifests.js';

const texts = manifests.map((manifest) => ({
  ...manifest,
  text: readFileSync(repositoryRoot + manifest.path, 'utf8'),
}));

it.each(texts)('$path: add and remove are inverse, for one service and for two', ({ text, add, remove }) => {
  const one = add(text, 'gift-wrap');
  expect(one).toContain('apps/gift-wrap');
  expect(remove(one, 'gift-wrap')).toBe(text);
  expect(remove(remove(add(one, 'gift'), 'gift-wrap'), 'gift')).toBe(text);
  expect(remove(text, 'gift-wrap')).toBe(text);
});

it.each(texts)('$path: a text of another form is an error', ({ add }) => {
  expect(() => add('{ "packages": {} }', 'gift-wrap')).toThrow(/^there is no "/);
});

it('docker-compose.yml: what was added to the entry is removed, too', () => {
  const { text, add, remove } = texts.find(({ path }) => path === 'docker-compose.yml')!;
  const added = add(text, 'gift-wrap');
  const changed = added.replace('gift-wrap/dist/main.js]\n', '$&    environment:\n      <<: *environment\n');
  expect(changed).not.toBe(added);
  expect(remove(changed, 'gift-wrap')).toBe(text);
});
