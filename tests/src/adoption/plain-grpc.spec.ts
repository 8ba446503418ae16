import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { expectNoFailedCallWhileOneIsKilled } from './kill-run.js';
import { run } from './npm.js';
import { StrangerProject } from './stranger-project.js';
import { expectFewUserLines } from './user-lines.js';

const offline = inject('offline');

describe.skipIf(offline)('JavaScript with plain grpc-js', () => {
  let project: StrangerProject;
  beforeAll(async () => (project = await StrangerProject.create(['javascript'])));
  afterAll(() => project?.remove());

  it('registers and calls in at most 5 lines each', () => expectFewUserLines('javascript'));

  it('one of three is killed, one stopped: no call of 20 callers fails', async () => {
    await expectNoFailedCallWhileOneIsKilled(project.path('server.js'), project.path('client.js'));
  });

  it.each(['etcd3', 'consul'])(
    'without %s, openRegistry names the command that installs it',
    async (peer) => {
      const url = `${peer.replace('3', '')}://127.0.0.1:1`;
      const program = `import { openRegistry } from '@rollcall/discovery'; await openRegistry('${url}')`;
      await expect(project.node('--input-type=module', '-e', program)).rejects.toThrow(
        `MISSING_PEER: this registry needs a package: npm install ${peer}`,
      );
    },
  );

  it.each([
    ['http', 'undici'],
    ['consul', 'consul'],
    ['etcd', 'etcd3'],
  ])('without its peer, the import of /%s names the command that installs %s', async (subpath, peer) => {
    const program = `import '@rollcall/discovery/${subpath}'`;
    await expect(project.node('--input-type=module', '-e', program)).rejects.toThrow(
      new RegExp(`Cannot find package '${peer}' imported from .*/npm-install/${peer}\\.js`),
    );
  });
});

describe.skipIf(offline)('the oldest peers', () => {
  let project: StrangerProject;
  beforeAll(async () => {
    project = await StrangerProject.create(['javascript'], {
      '@grpc/grpc-js': '1.14.4',
      '@grpc/proto-loader': '0.7.13',
    });
  });
  afterAll(() => project?.remove());

  it('one of three is killed, one stopped: no call of 20 callers fails', async () => {
    await expectNoFailedCallWhileOneIsKilled(project.path('server.js'), project.path('client.js'));
  });
});

describe.skipIf(offline)('CommonJS', () => {
  let project: StrangerProject;
  let bundles: string;
  beforeAll(async () => {
    project = await StrangerProject.create(['commonjs']);
    bundles = await mkdtemp(join(tmpdir(), 'rollcall-bundles-'));
  });
  afterAll(async () => {
    await project?.remove();
    await rm(bundles, { recursive: true, force: true });
  });

  it('registers and calls in at most 5 lines each', () => expectFewUserLines('commonjs'));

  it('with require: one of three is killed, one stopped: no call of 20 callers fails', async () => {
    await expectNoFailedCallWhileOneIsKilled(project.path('server.js'), project.path('client.js'));
  });

  it('bundled by esbuild into one file, without node_modules: no call of 20 callers fails', async () => {
    const { warnings } = await build({
      absWorkingDir: project.directory,
      entryPoints: ['server.js', 'client.js'],
      bundle: true,
      platform: 'node',
      outdir: bundles,
      outExtension: { '.js': '.cjs' },
      logLevel: 'silent',
    });
    // etcd3 and consul are not installed: the bundle is made without them.
    expect(warnings.map(({ text }) => text)).toEqual([]);
    await cp(project.path('greeter.proto'), join(bundles, 'greeter.proto'));
    await expectNoFailedCallWhileOneIsKilled(join(bundles, 'server.cjs'), join(bundles, 'client.cjs'));
  });

  it('a bundle without etcd3 fails with the way out', async () => {
    await expect(run(bundles, process.execPath, 'client.cjs', 'etcd://127.0.0.1:1')).rejects.toThrow(
      'MISSING_PEER: this registry needs a package: npm install etcd3',
    );
  });
});
