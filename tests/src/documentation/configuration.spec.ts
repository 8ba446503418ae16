import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { root } from '../repository/documents.js';
import { optionsOf, renderConfigurationPage } from './configuration-page.js';
import { configurationSections } from './configuration-sections.js';
import { readVariables } from './option-docs.js';

const barrels = [
  ...['', 'consul/', 'etcd/', 'file/', 'grpc/', 'http/', 'srv/'].map(
    (folder) => `libs/discovery/src/${folder}index.ts`,
  ),
  'libs/nest-discovery/src/index.ts',
  'libs/nest-discovery/src/grpc-server/index.ts',
  'libs/nest-discovery/src/health/index.ts',
];

it('docs/configuration.md is what `npm run docs:configuration` writes', async () => {
  await expect(renderConfigurationPage()).toMatchFileSnapshot(`${root}docs/configuration.md`);
});

it('every option says what it means', () => {
  const tables = configurationSections.flatMap((section) => section.tables);
  const undocumented = tables.flatMap((table) =>
    ('interface' in table ? optionsOf(table) : readVariables(table.variables))
      .filter(({ text }) => text === '')
      .map(({ name }) => `${table.title}.${name}`),
  );
  expect(undocumented).toEqual([]);
});

it('every exported type of options has a table', () => {
  const listed = configurationSections.flatMap(({ tables }) => tables.map(({ title }) => title));
  const exported = barrels
    .flatMap(
      (barrel) =>
        readFileSync(root + barrel, 'utf8').match(/\b[A-Z]\w+(?:Options|Settings|Detection)\b/g) ?? [],
    )
    .filter((name) => !withoutTable.has(name));
  expect([...new Set(exported)].filter((name) => !listed.includes(name))).toEqual([]);
});

/** Described where they are used. */
const withoutTable = new Set([
  'HttpServingOptions',
  'TerminationOptions',
  'DiscoveredGrpcOptions',
  'ObservableCallOptions',
  'StreamMethodOptions',
  'GrpcClientSettings',
  'NestGrpcOptions',
  'TargetOptions',
]);
