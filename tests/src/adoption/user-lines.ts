import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const templates = fileURLToPath(new URL('projects/', import.meta.url));

interface UserLines {
  readonly register: number;
  readonly call: number;
}

/**
 * The lines that a user writes to register and to call: those between `// register` or `// call` and `// end`, imports
 * included, blank lines and comments not; in the files whose path starts with `prefix`.
 * @throws {Error} if a line outside of them names a library.
 */
async function countUserLines(folder: string, prefix = ''): Promise<UserLines> {
  const counts = { register: 0, call: 0 };
  const files = await readdir(join(templates, folder), { recursive: true });
  for (const file of files.filter((name) => name.startsWith(prefix) && /\.[cm]?[jt]s$/.test(name))) {
    let block: keyof UserLines | undefined;
    for (const line of (await readFile(join(templates, folder, file), 'utf8')).split('\n')) {
      const text = line.trim();
      const [, marker] = /^\/\/ (register|call|end)$/.exec(text) ?? [];
      if (marker) block = marker === 'end' ? undefined : (marker as keyof UserLines);
      else if (block && text !== '' && !text.startsWith('//')) counts[block] += 1;
      else if (text.includes('@rollcall/')) throw new Error(`${folder}/${file}: not counted: ${text}`);
    }
  }
  return counts;
}

/** Prints the counts, and expects at most 5 lines for each. */
export async function expectFewUserLines(folder: string, prefix?: string): Promise<void> {
  const { register, call } = await countUserLines(folder, prefix);
  console.log(`${[folder, prefix].join(' ')}: ${register} lines to register, ${call} lines to call`);
  expect(Math.max(register, call)).toBeLessThanOrEqual(5);
}
