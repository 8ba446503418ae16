import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from './manifests.js';

const run = promisify(execFile);
const folder = fileURLToPath(new URL('../../../deploy/k8s/overlays/', import.meta.url));

/** In this order. The last one compiles kustomize, which takes a minute where it was not compiled before. */
const programs = [
  ['kubectl', 'kustomize'],
  ['kustomize', 'build'],
  ['go', 'run', 'sigs.k8s.io/kustomize/kustomize/v5@v5.6.0', 'build'],
] as const;

/**
 * The manifests of each overlay, as kustomize renders them. Without a program that does, an empty list each, for tests to skip;
 * a line on standard error says what is missing.
 * @throws {Error} with what kustomize complains about; in CI, if there is no kustomize.
 */
export async function renderOverlays(): Promise<Map<string, readonly Manifest[]>> {
  const kustomize = await findKustomize();
  const rendered = new Map<string, readonly Manifest[]>();
  for (const name of readdirSync(folder)) {
    rendered.set(name, kustomize ? parse(await kustomize(folder + name)) : []);
  }
  return rendered;
}

async function findKustomize(): Promise<((argument: string) => Promise<string>) | undefined> {
  const reasons: string[] = [];
  for (const [command, ...args] of programs) {
    // The default of Go would download another toolchain.
    const options = { maxBuffer: 1 << 24, env: { ...process.env, GOTOOLCHAIN: 'local' } };
    const kustomize = async (argument: string) => (await run(command, [...args, argument], options)).stdout;
    try {
      await kustomize('--help');
      return kustomize;
    } catch (error) {
      reasons.push((error as Error).message.trim().split('\n').at(-1)!);
    }
  }
  const unavailable = `kustomize is unavailable: ${reasons.join('; ')}; install kubectl`;
  if (process.env['CI']) throw new Error(unavailable);
  process.stderr.write(`skipped, ${unavailable}\n`);
  return undefined;
}

function parse(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors[0]) throw document.errors[0];
    return document.toJS() as Manifest;
  });
}
