import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Runs docker. Resolves with its standard output. @throws {Error} with the end of its standard error. */
export function docker(args: readonly string[], env = process.env): Promise<string> {
  const options = { cwd: root, env, timeout: 600_000, maxBuffer: 1 << 26 };
  return new Promise((resolve, reject) => {
    execFile('docker', args, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const reason = stderr.trim().split('\n').slice(-20).join('\n');
      reject(new Error(`docker ${args.join(' ')}: ${reason || error.message}`));
    });
  });
}

/** Why docker compose is unavailable; undefined when it is available. */
export async function composeUnavailable(): Promise<string | undefined> {
  try {
    await docker(['compose', 'version']);
    await docker(['version']);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
