import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { documents, root } from '../repository/documents.js';

it('the sidebar of the site has every page of docs/', () => {
  const sidebar = readFileSync(`${root}site/.vitepress/sidebar.ts`, 'utf8');
  const pages = documents.flatMap(({ path }) => /^docs\/(.+)\.md$/.exec(path)?.[1] ?? []);
  expect(pages.filter((page) => !sidebar.includes(`'/${page}'`))).toEqual([]);
});
