import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

/** Gives each test a directory of its own, which all users can enter. Call it before `participants()`, which use it. */
export function scratchDirectory(): { readonly path: string } {
  let path = '';
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'rollcall-surroundings-'));
    await chmod(path, 0o755);
  });
  afterEach(() => rm(path, { recursive: true, force: true }));
  return {
    get path() {
      return path;
    },
  };
}

/** Whether this process is root on a system with other users. */
export const isRoot = process.getuid?.() === 0;

/** Why no file system can be mounted; undefined when it can. */
export const cannotMount = probeMount();

function probeMount(): string | undefined {
  if (process.platform !== 'linux' || !isRoot) return 'mounting a file system takes root on Linux';
  const path = mkdtempSync(join(tmpdir(), 'rollcall-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', path], { stdio: 'pipe' });
    execFileSync('umount', [path]);
    return undefined;
  } catch (error) {
    return `mounting a file system is not permitted: ${(error as Error).message}`;
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

/** A file system of its own, small enough to fill. */
export class SmallFileSystem {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async mount(size = '256k'): Promise<SmallFileSystem> {
    const path = await mkdtemp(join(tmpdir(), 'rollcall-small-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path]);
    return new SmallFileSystem(path);
  }

  /** Writes until the disk is full. */
  async fill(): Promise<void> {
    try {
      await writeFile(join(this.path, 'filler'), Buffer.alloc(4 * 1024 * 1024));
      throw new Error(`${this.path} is not small`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }

  async free(): Promise<void> {
    await rm(join(this.path, 'filler'), { force: true });
  }

  setReadOnly(isReadOnly: boolean): void {
    execFileSync('mount', ['-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, this.path]);
  }

  async unmount(): Promise<void> {
    execFileSync('umount', ['-l', this.path]);
    await rm(this.path, { recursive: true, force: true });
  }
}
