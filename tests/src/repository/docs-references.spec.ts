import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documents, root } from './documents.js';

const textOf = (path: string) => documents.find((document) => document.path === path)!.text;

describe.each(documents)('$path', ({ path, text }) => {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)|<img [^>]*src="([^"]+)"/g)]
    .map((match) => match[1] ?? match[2]!)
    .filter((target) => !/^\w+:/.test(target));

  it('has no broken link', () => {
    expect(links.filter((link) => !resolves(path, link))).toEqual([]);
  });
});

// The notation: "suite > test" in [file.spec.ts](path).
const references = documents.flatMap(({ path, text }) =>
  [...text.matchAll(/"([^"]+)" in \[[^\]]+\]\(([^)]+)\)/g)].map((match) => ({
    path,
    title: match[1]!,
    file: join(dirname(path), match[2]!),
  })),
);

it.each(references)('$path names the test "$title"', ({ title, file }) => {
  const titles = titlesIn(file);
  const missing = title.split(' > ').filter((part) => !titles.some((pattern) => pattern.test(part)));
  expect(missing, `no such title in ${file}`).toEqual([]);
});

it('every promise of docs/semantics.md names a test', () => {
  const [promises = ''] = textOf('docs/semantics.md').split('## Not promised');
  const unproven = promises
    .split(/^(?=- |## )/m)
    .filter((item) => item.startsWith('- ') && !/" in \[/.test(item));
  expect(unproven).toEqual([]);
});

it('the README has fewer than 200 lines, and the glossary at most 40 terms', () => {
  expect(textOf('README.md').split('\n').length).toBeLessThan(200);
  expect(textOf('docs/glossary.md').match(/^\| \*\*/gm)?.length).toBeLessThanOrEqual(40);
});

/** Whether a relative link names a file, and its anchor a heading of that file. */
function resolves(from: string, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? from : join(dirname(from), file);
  if (!existsSync(root + target)) return false;
  return anchor === undefined || headingsIn(target).includes(anchor);
}

/** The anchors that GitHub gives to the headings of a document. */
function headingsIn(path: string): string[] {
  return [...readFileSync(root + path, 'utf8').matchAll(/^#+ (.+)$/gm)].map((match) =>
    match[1]!
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** Patterns of all strings in a test file; the placeholders of a title stand for any text. */
function titlesIn(path: string): RegExp[] {
  if (!existsSync(root + path)) return [];
  return readFileSync(root + path, 'utf8')
    .split('\n')
    .flatMap((line) => [...line.matchAll(/(['`])((?:\\.|(?!\1).)*)\1/g)])
    .map((match) => match[2]!.replaceAll(/\\(.)/g, '$1').split(/\$\{[^}]*\}|%[sijd]|\$\w+/))
    .filter((parts) => parts.join('').trim() !== '')
    .map((parts) => new RegExp(`^${parts.map(escapeRegExp).join('.+')}$`));
}

const escapeRegExp = (text: string) => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
