import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { documents, root } from '../repository/documents.js';

const sources = ['libs/discovery/src', 'libs/nest-discovery/src']
  .flatMap((folder) =>
    readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !/\.spec\.|testing|fixtures/.test(file))
      .map((file) => readFileSync(`${root}${folder}/${file}`, 'utf8')),
  )
  .join('\n');

/** Texts of Node, npm, TypeScript and grpc-js. */
const ofOthers =
  /^(?:ERR_REQUIRE_ESM|Must use import|TS\d+|ERESOLVE|E404|Failed to parse DNS|RESOURCE_EXHAUSTED)/;

const { text } = documents.find(({ path }) => path === 'docs/troubleshooting.md')!;
const [, table = ''] = /## By the text of the error\n(.*?)\n## /s.exec(text) ?? [];
const keys = [...table.matchAll(/^\| (`[^|]*`) .*?\|/gm)]
  .flatMap((row) => [...row[1]!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!))
  .filter((key) => !ofOthers.test(key));

it('has texts of errors', () => {
  expect(keys.length).toBeGreaterThan(15);
});

it.each(keys)('"%s" is the text of an error', (key) => {
  const missing = key.split(' * ').filter((part) => !sources.includes(part));
  expect(missing).toEqual([]);
});
