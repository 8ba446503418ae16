import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { defaultRegistryDirectory } from './environment.js';

const inTemporaryFolder = join(tmpdir(), `rollcall-${process.getuid?.()}`);

it('the default registry is in XDG_RUNTIME_DIR if that belongs to this user alone', async () => {
  const runtime = await mkdtemp(join(tmpdir(), 'rollcall-runtime-'));
  expect(defaultRegistryDirectory({ XDG_RUNTIME_DIR: runtime })).toBe(join(runtime, 'rollcall'));
  await chmod(runtime, 0o755);
  expect(defaultRegistryDirectory({ XDG_RUNTIME_DIR: runtime })).toBe(inTemporaryFolder);
  await rm(runtime, { recursive: true });
});

it.each([undefined, '', 'relative', '/does/not/exist', '/etc/hostname'])(
  'XDG_RUNTIME_DIR %j: the default registry is in the temporary folder',
  (XDG_RUNTIME_DIR) => {
    expect(defaultRegistryDirectory({ XDG_RUNTIME_DIR })).toBe(inTemporaryFolder);
  },
);
