import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Manifest, nameOf } from './manifests.js';
import { renderOverlays } from './overlays.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
// In the tree, so that the schemas resolve.
const folder = `${root}node_modules/.cache/rollcall-manifests-${process.pid}`;

const overlays = await renderOverlays();
const manifests = [...overlays].flatMap(([overlay, all]) =>
  all.map((manifest) => [`${overlay}-${manifest.kind}-${nameOf(manifest)}`, manifest] as const),
);

const selector = { matchLabels: { app: 'a' } };
const template = { spec: { containers: [{ name: 'a' }] } };
const valid = { apiVersion: 'apps/v1', kind: 'Deployment', spec: { selector, template } };
const container = (fields: object) => ({
  ...valid,
  spec: { selector, template: { spec: { containers: [{ name: 'a', ...fields }] } } },
});
/** What the check has to find, or else it checks nothing. */
const invalid: Readonly<Record<string, object>> = {
  'a misspelt field': { ...valid, spec: { ...valid.spec, replica: 3 } },
  'a misspelt field of a container': container({ readinesProbe: {} }),
  'a missing field': { ...valid, spec: { template } },
  'a number as text': { ...valid, spec: { ...valid.spec, replicas: '3' } },
  'a variable that is a number': container({ env: [{ name: 'PORT', value: 8080 }] }),
};
const invalidEntries = Object.entries(invalid).map(
  ([name, manifest]) => [name, `invalid-${name.replaceAll(' ', '-')}`, manifest as Manifest] as const,
);

/** kubernetes-types has the schemas of Kubernetes' OpenAPI document as types; `apps/v1` is a module of it. */
function sourceOf(manifest: Manifest): string {
  const version = manifest.apiVersion!.replace('.k8s.io', '');
  const module = `kubernetes-types/${version.includes('/') ? version : `core/${version}`}.js`;
  return `import type { ${manifest.kind} } from '${module}';
export const manifest: ${manifest.kind} = ${JSON.stringify(manifest, undefined, 2)};\n`;
}

describe.skipIf(manifests.length === 0)('every manifest has the schema of Kubernetes', () => {
  let errors: string[];

  beforeAll(async () => {
    await mkdir(folder, { recursive: true });
    const files = [...manifests, ...invalidEntries.map(([, file, manifest]) => [file, manifest] as const)];
    for (const [file, manifest] of files) await writeFile(`${folder}/${file}.ts`, sourceOf(manifest));
    const tsconfig = {
      extends: `${root}tsconfig.base.json`,
      compilerOptions: { noEmit: true, composite: false, incremental: false },
    };
    await writeFile(`${folder}/tsconfig.json`, JSON.stringify(tsconfig));
    const compiler = `${root}node_modules/typescript/bin/tsc`;
    const { stdout } = await run(process.execPath, [compiler, '-p', folder, '--pretty', 'false']).catch(
      (error: { stdout: string }) => error,
    );
    errors = stdout.split('\n').filter((line) => line !== '');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(manifests)('%s', (file) => {
    expect(errors.filter((line) => line.includes(`${file}.ts(`))).toEqual([]);
  });

  it.each(invalidEntries)('%s would be found', (_, file) => {
    expect(errors.filter((line) => line.includes(`${file}.ts(`))).not.toEqual([]);
  });

  it('the compiler has no other complaint', () => {
    expect(errors.filter((line) => !/^\S+\.ts\(/.test(line) && !line.startsWith(' '))).toEqual([]);
  });
});
