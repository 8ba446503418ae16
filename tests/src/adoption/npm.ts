import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The environment of a stranger's shell: nothing of the test runner and of `npm run` reaches his programs. */
export const strangerEnvironment: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(npm_|VITEST|NODE_ENV$|NODE_OPTIONS$|INIT_CWD$|TEST$)/.test(name),
  ),
);

/** Runs npm and returns its standard output. @throws {Error} with all its output when it fails. */
export function npm(cwd: string, ...args: readonly string[]): Promise<string> {
  return run(cwd, 'npm', ...args);
}

/** Runs a command and returns its standard output. @throws {Error} with all its output when it fails. */
export async function run(cwd: string, command: string, ...args: readonly string[]): Promise<string> {
  try {
    const options = { cwd, env: strangerEnvironment, maxBuffer: 1 << 26 };
    const { stdout } = await promisify(execFile)(command, args, options);
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}
