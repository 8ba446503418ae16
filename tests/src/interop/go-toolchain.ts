import { TrackedProcess } from '@rollcall/tools';

/**
 * Builds the Go program in the folder `source`, with the build tags `tags`; Go's own caches make the second time short. Resolves
 * with why this machine cannot: there is no Go, it is too old, or the modules are unavailable.
 * @throws {Error} with the last lines of the compiler.
 */
export async function buildGoProgram(
  source: string,
  program: string,
  tags = '',
): Promise<string | undefined> {
  try {
    // Downloads the modules.
    const { failure } = await go(source, 'list', '-tags', tags, '-deps', '-f', '', '.');
    if (failure !== undefined) return `go list: ${failure}`;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return `no Go toolchain: ${error.message}`;
  }
  const { failure, output } = await go(source, 'build', '-tags', tags, '-o', program, '.');
  if (failure !== undefined) throw new Error(`go build in ${source}: ${output.join('\n')}`);
  return undefined;
}

async function go(folder: string, command: string, ...args: readonly string[]) {
  // Without cgo, a build is shorter and needs no compiler of C.
  const env = { ...process.env, GOTOOLCHAIN: 'local', CGO_ENABLED: '0' };
  const child = await TrackedProcess.start({ command: 'go', args: [command, '-C', folder, ...args], env });
  const { code } = await child.exited;
  return { failure: code === 0 ? undefined : (child.lastLines.at(-1) ?? `${code}`), output: child.lastLines };
}
