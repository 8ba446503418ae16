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

const overlayNames = readdirSync(folder);

/**
 * The manifests of each overlay, as `kustomize build` renders them. Without a program that renders them, an empty list each, and
 * a line on standard error; where `CI` is set, an error.
 */
export async function renderOverlays(): Promise<Map<string, readonly Manifest[]>> {
  const rendered = new Map<string, readonly Manifest[]>();
  for (const name of overlayNames) rendered.set(name, parse(await build(folder + name)));
  return rendered;
}

/** @throws {Error} with what kustomize complains about. */
async function build(path: string): Promise<string> {
  for (const [command, ...args] of programs) {
    try {
      return (await run(command, [...args, path], { maxBuffer: 1 << 24 })).stdout;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  const message = `kustomize is unavailable: install one of ${programs.map(([command]) => command).join(', ')}`;
  if (process.env['CI']) throw new Error(message);
  process.stderr.write(`skipped, ${message}\n`);
  return '';
}

function parse(text: string): Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors[0]) throw document.errors[0];
    return (document.toJS() as Manifest | null) ?? [];
  });
}
