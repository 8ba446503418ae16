import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { root } from '../repository/documents.js';
import { npm, strangerEnvironment } from './npm.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The tarballs of both libraries by package name, as they would be published. */
    readonly tarballs: Readonly<Record<string, string>>;
    /** Why packages cannot be installed; undefined if they can. */
    readonly offline: string | undefined;
  }
}

/** Packs the libraries once for all tests. In CI, a package registry that is unavailable is a failure; elsewhere tests are skipped. */
export default async function packLibraries(project: TestProject): Promise<() => Promise<void>> {
  const offline = await whyOffline();
  if (offline !== undefined) {
    if (process.env['CI']) throw new Error(`no package can be installed: ${offline}`);
    console.log(`\nadoption: skipped, no package can be installed: ${offline}\n`);
  }
  const directory = await mkdtemp(join(tmpdir(), 'rollcall-packed-'));
  const tarballs: Record<string, string> = {};
  for (const name of ['@rollcall/discovery', '@rollcall/nest-discovery']) {
    const output = await npm(root, 'pack', '--json', '--pack-destination', directory, '--workspace', name);
    const [{ filename }] = JSON.parse(output) as [{ filename: string }];
    tarballs[name] = join(directory, filename);
  }
  project.provide('tarballs', tarballs);
  project.provide('offline', offline);
  return () => rm(directory, { recursive: true });
}

async function whyOffline(): Promise<string | undefined> {
  const args = ['view', '@grpc/grpc-js', 'version', '--fetch-retries=1', '--fetch-timeout=20000'];
  const viewing = promisify(execFile)('npm', args, { env: strangerEnvironment });
  return viewing.then(
    () => undefined,
    (error: { stderr: string }) => error.stderr.trim().split('\n')[0] ?? 'npm view failed',
  );
}
