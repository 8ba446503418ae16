import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, onTestFinished } from 'vitest';
import { documents, root } from '../repository/documents.js';
import { expectNoCallFails } from './greeter-failover.js';

const page = documents.find(({ path }) => path === 'docs/getting-started.md')!;
// In the tree, so that modules resolve as they do for a user of the packages.
const folder = `${root}node_modules/.cache/rollcall-getting-started-${process.pid}`;

it('getting started: one of two servers is killed, the other one stopped after a third has started: no call fails', async () => {
  const registry = await mkdtemp(join(tmpdir(), 'rollcall-getting-started-'));
  onTestFinished(async () => {
    for (const directory of [folder, registry]) await rm(directory, { recursive: true, force: true });
  });
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/package.json`, '{ "type": "module" }');
  for (const { fileName, code } of page.blocks) if (fileName) await writeFile(`${folder}/${fileName}`, code);
  const env = { ...process.env, REGISTRY_URL: `file://${registry}` };
  await expectNoCallFails({ server: [`${folder}/server.js`], client: [`${folder}/client.js`], env }, 100);
});
