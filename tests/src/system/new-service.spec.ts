import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openRegistry } from '@rollcall/discovery';
import { createGrpcClient, type GrpcContract, registerResolver } from '@rollcall/discovery/grpc';
import { System, TrackedProcess, until } from '@rollcall/tools';
import type { Client, ClientUnaryCall, requestCallback } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RepositoryCopy } from './repository-copy.js';

interface GiftWrapClient extends Client {
  GetGiftWrap(
    request: { id: string },
    callback: requestCallback<{ giftWrap: { title: string } }>,
  ): ClientUnaryCall;
}

const newService = 'tools/dist/new-service/main.js';
const tsc = 'node_modules/typescript/bin/tsc';

describe('npm run new:service gift-wrap, in a copy of the repository', () => {
  let copy: RepositoryCopy;
  beforeAll(async () => {
    copy = new RepositoryCopy();
    await copy.run(newService, 'new', 'gift-wrap');
  });
  afterAll(() => copy.delete());

  it('changes three files', () => {
    const changed = copy.git('diff', '--name-only').trim().split('\n');
    expect(changed).toEqual(['docker-compose.yml', 'package-lock.json', 'tsconfig.json']);
  });

  it.each([
    ['compiles', tsc, ['-b']],
    [
      'lint finds nothing',
      'node_modules/oxlint/bin/oxlint',
      ['--deny-warnings', 'apps/gift-wrap', 'libs/contracts'],
    ],
    ['has a proto in order', 'node_modules/@bufbuild/buf/bin/buf', ['lint']],
    ['has the types of its proto', 'libs/contracts/generate.mjs', ['--check']],
  ])('%s', async (_, program, args) => {
    await expect(copy.run(program, ...args)).resolves.toBeDefined();
  });

  it('is formatted', async () => {
    const files = copy.git('ls-files', '--modified', '--others', '--exclude-standard').trim().split('\n');
    await expect(
      copy.run('node_modules/prettier/bin/prettier.cjs', '--check', '--ignore-unknown', ...files),
    ).resolves.toBeDefined();
  });

  it('its own test passes, and so do those of the contracts', async () => {
    const vitest = 'node_modules/vitest/vitest.mjs';
    const output = await copy.run(vitest, 'run', '--project', 'unit', 'apps/gift-wrap', 'libs/contracts');
    expect(output).toMatch(/Test Files .*2 passed/);
  });

  it('runs beside the shop, is called, and is restarted when its source changes', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'rollcall-registry-'));
    const registryUrl = pathToFileURL(directory).href;
    const system = await System.start({ registryUrl, replicas: 1 });
    const dev = await startDev(copy, registryUrl);
    const title = await giftWrapTitles(copy, registryUrl);
    try {
      expect(await title.current()).toBe('An example');

      const controller = join(copy.directory, 'apps/gift-wrap/src/gift-wrap.controller.ts');
      const source = readFileSync(controller, 'utf8');
      writeFileSync(controller, source.replace('An example', 'Another example'));
      await until(async () => (await title.current()) === 'Another example', {
        deadlineMs: 60_000,
        describe: () => `a response with the new title; ${dev.lastLines.join('\n')}`,
      });
      expect((await fetch(`${system.url}/api/products/hp-aria`)).status).toBe(200);
      expect(await dev.stop(20_000)).toEqual({ code: 0, signal: null });
    } finally {
      await title.close();
      await Promise.all([dev.kill(), system.kill()]);
      await rm(directory, { recursive: true, force: true });
    }
  });

  it.each([
    ['new', 'gift-wrap', 'the name "gift-wrap" is taken: proto/shop/gift_wrap exists'],
    ['new', 'tools', 'the name "tools" is taken'],
    ['new', 'etcd', 'docker-compose.yml has a service of that name'],
    ['new', 'Gift', 'invalid service name "Gift": use words of lower-case letters'],
    ['remove', 'review', '"review" is part of the shop'],
    ['remove', 'gift', 'there is no service "gift": apps/ has aggregator, gift-wrap'],
  ])('npm run %s:service %s is rejected', async (action, name, message) => {
    const before = copy.git('status', '--porcelain');
    await expect(copy.run(newService, action, name)).rejects.toThrow(message);
    expect(copy.git('status', '--porcelain')).toBe(before);
  });

  it('is not removed while it is imported', async () => {
    const caller = join(copy.directory, 'apps/review/src/caller.ts');
    const contract = 'gift-wrap';
    writeFileSync(caller, `import '@rollcall/contracts/${contract}';\n`);
    await expect(copy.run(newService, 'remove', 'gift-wrap')).rejects.toThrow('apps/review/src/caller.ts');
    copy.git('clean', '--force', '--quiet', caller);
  });

  it('is removed: the tree is as before, and compiles', async () => {
    await copy.run(newService, 'remove', 'gift-wrap');
    expect(copy.git('status', '--porcelain')).toBe('');
    await copy.run(tsc, '-b');
    expect(copy.git('status', '--porcelain', '--ignored')).not.toContain('gift');
  });
});

function startDev(copy: RepositoryCopy, registryUrl: string): Promise<TrackedProcess> {
  return TrackedProcess.start({
    command: process.execPath,
    args: [join(copy.directory, 'tools/dist/dev/main.js'), 'gift-wrap', '--port', '0'],
    env: { ...process.env, REGISTRY_URL: registryUrl },
  });
}

/** A client of the new service, with its contract. Calls wait for an instance. */
async function giftWrapTitles(copy: RepositoryCopy, registryUrl: string) {
  const contract = join(copy.directory, 'libs/contracts/dist/services/gift-wrap.js');
  const { giftWrapContract } = (await import(pathToFileURL(contract).href)) as {
    giftWrapContract: GrpcContract<GiftWrapClient>;
  };
  const registry = await openRegistry(registryUrl);
  registerResolver(registry);
  const client = createGrpcClient(giftWrapContract, {
    target: `${registry.scheme}:///gift-wrap`,
    waitForReadyMs: 30_000,
    defaultTimeoutMs: 40_000,
  });
  return {
    current: async () => (await client.getGiftWrap({ id: 'example' })).giftWrap.title,
    async close() {
      client.close();
      await registry.close();
    },
  };
}
