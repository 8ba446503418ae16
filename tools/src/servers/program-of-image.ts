import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { getContainerRuntimeClient, ImageName } from 'testcontainers';

const folders = ['/bin', '/usr/local/bin', '/usr/bin'];

/**
 * Copies a program out of a container image, once, to run it on this machine: for what a container has no way to, such as a UDP
 * port. Returns the path of the copy.
 * @throws {Error} if the image is unavailable or has no such program.
 */
export async function programOfImage(image: string, program: string): Promise<string> {
  const client = await getContainerRuntimeClient();
  const name = ImageName.fromString(image);
  if (!(await client.image.exists(name))) await client.image.pull(name);
  const { Id } = await client.image.inspect(name);
  const directory = join(tmpdir(), `rollcall-programs-${userInfo().uid}`);
  const path = join(directory, `${program}-${Id.replace('sha256:', '').slice(0, 16)}`);
  if (existsSync(path)) return path;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const container = await client.container.create({ Image: image, Cmd: ['true'] });
  const copy = `${path}.${randomUUID()}`;
  try {
    const archive = await firstOf(folders, (folder) =>
      client.container.fetchArchive(container, `${folder}/${program}`),
    );
    await extract(archive, copy);
    await chmod(copy, 0o700);
    await rename(copy, path);
    return path;
  } finally {
    await rm(copy, { force: true });
    await client.container.remove(container);
  }
}

async function firstOf<T>(values: readonly string[], create: (value: string) => Promise<T>): Promise<T> {
  const errors: unknown[] = [];
  for (const value of values) {
    try {
      return await create(value);
    } catch (error) {
      errors.push(error);
    }
  }
  throw errors[0];
}

/** Writes the only file of a tar archive. */
async function extract(archive: NodeJS.ReadableStream, path: string): Promise<void> {
  const tar = spawn('tar', ['--extract', '--to-stdout'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [[code]] = await Promise.all([
    once(tar, 'close') as Promise<[number | null]>,
    pipeline(archive, tar.stdin),
    pipeline(tar.stdout, createWriteStream(path)),
  ]);
  if (code !== 0) throw new Error(`tar exited with ${code}`);
}
