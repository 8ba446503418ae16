import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { documents, root } from '../repository/documents.js';

it('the sidebar of the site has every page of docs/; it finds the decisions by itself', () => {
  const sidebar = readFileSync(`${root}site/.vitepress/sidebar.ts`, 'utf8');
  const pages = documents.flatMap(({ path }) => /^docs\/(.+)\.md$/.exec(path)?.[1] ?? []);
  const missing = pages.filter((page) => !page.startsWith('decisions/') && !sidebar.includes(`'/${page}'`));
  expect(missing).toEqual([]);
});
