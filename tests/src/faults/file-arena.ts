import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Instance, openRegistry } from '@rollcall/discovery';
import type { Arena, ConnectOptions, Connection, Operator } from './arena.js';
import { garbage } from './garbage.js';
import { inParallel } from './http-api.js';

/** A directory. It has no server: it is away when a file stands where it was. */
export class FileArena implements Arena {
  readonly kind = 'file';
  readonly version = `Node ${process.versions.node}`;
  readonly ttlMs = 1_800;
  readonly patienceMs = 15_000;
  readonly silenceMs = 15_000;
  readonly operator: Operator;
  readonly #parent: string;
  readonly #directory: string;
  readonly #hidden: string;

  private constructor(parent: string) {
    this.#parent = parent;
    this.#directory = join(parent, 'registry');
    this.#hidden = join(parent, 'hidden');
    this.operator = new FileOperator(this.#directory);
  }

  static async start(): Promise<FileArena> {
    const arena = new FileArena(await mkdtemp(join(tmpdir(), 'rollcall-faults-')));
    await mkdir(arena.#directory);
    return arena;
  }

  url(ttlMs = this.ttlMs): string {
    const heartbeatMs = Math.floor(ttlMs / 3);
    return `${pathToFileURL(this.#directory).href}?staleAfterMs=${ttlMs}&heartbeatMs=${heartbeatMs}`;
  }

  async connect({ ttlMs, ...options }: ConnectOptions = {}): Promise<Connection> {
    const registry = await openRegistry(this.url(ttlMs), options);
    return { registry, proxy: undefined, close: () => registry.close() };
  }

  async kill() {
    await rename(this.#directory, this.#hidden);
    await writeFile(this.#directory, '');
  }

  async start({ wipe = false } = {}) {
    await unlink(this.#directory);
    if (wipe) {
      await rm(this.#hidden, { recursive: true });
      await mkdir(this.#directory);
    } else {
      await rename(this.#hidden, this.#directory);
    }
  }

  freeze(): Promise<void> {
    throw new Error('a directory does not freeze');
  }
  thaw(): Promise<void> {
    throw new Error('a directory does not thaw');
  }

  async checkpoint() {
    const copy = join(this.#parent, 'checkpoint');
    await cp(this.#directory, copy, { recursive: true, preserveTimestamps: true });
    return async () => {
      const restored = `${copy}-restored`;
      await cp(copy, restored, { recursive: true, preserveTimestamps: true });
      await rm(this.#directory, { recursive: true });
      await rename(restored, this.#directory);
    };
  }

  async heal() {
    if (!(await stat(this.#directory)).isDirectory()) await this.start();
    for (const name of await readdir(this.#directory)) {
      await rm(join(this.#directory, name), { recursive: true, force: true });
    }
  }

  async close() {
    await rm(this.#parent, { recursive: true, force: true });
  }
}

interface FileRecord {
  readonly instance: Instance;
  readonly owner?: { readonly handle: string };
}

class FileOperator implements Operator {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async records(service: string) {
    const names = (await readdir(this.#directory)).filter(
      (name) => name.startsWith(`${service}.`) && name.endsWith('.json'),
    );
    return Promise.all(
      names.toSorted().map(async (name) => {
        const { instance } = await this.#read(join(this.#directory, name));
        return `${instance.id} ${instance.host}:${instance.port}`;
      }),
    );
  }

  async deleteRecord(instance: Instance) {
    await unlink(this.#pathOf(instance));
  }

  async deleteAll(service: string) {
    const names = (await readdir(this.#directory)).filter((name) => name.startsWith(`${service}.`));
    await Promise.all(names.map((name) => unlink(join(this.#directory, name))));
  }

  /** Another handle of this process, which lives, and came later. */
  async overwrite(instance: Instance, port: number) {
    const path = this.#pathOf(instance);
    const record = await this.#read(path);
    const other = {
      instance: { ...record.instance, port, registeredAt: Date.now() },
      owner: { ...record.owner, handle: 'somebody-else' },
    };
    const beside = join(this.#directory, '.overwritten');
    await writeFile(beside, JSON.stringify(other));
    await rename(beside, path);
  }

  async loseLease(instance: Instance) {
    const longAgo = new Date(Date.now() - 3_600_000);
    await utimes(this.#pathOf(instance), longAgo, longAgo);
  }

  async writeGarbage(service: string) {
    const names = Object.keys(garbage).map((id) => `${service}.${id}.json`);
    const shaped: Record<string, string> = {
      'bad-port': JSON.stringify({ instance: { id: 'bad-port', service, host: '127.0.0.1', port: 99_999 } }),
      'wrong-types': JSON.stringify({
        instance: { id: 'wrong-types', service, host: 7, port: '1' },
        owner: 3,
      }),
      foreign: JSON.stringify({ instance: { id: 'other', service: 'other', host: '127.0.0.1', port: 1 } }),
    };
    for (const [id, value] of Object.entries({ ...garbage, ...shaped })) {
      const file = join(this.#directory, `${service}.${id}.json`);
      // By rename: a file that is seen while it is being written is garbage of another kind.
      await writeFile(`${file}.part`, value);
      await rename(`${file}.part`, file);
    }
    return names;
  }

  async writeJunk(service: string, count: number) {
    const names = Array.from({ length: count }, (_, i) => `${service}.junk-${i}.json`);
    await inParallel(names, 16, (name) => writeFile(join(this.#directory, name), '{"instance":'));
  }

  async removeJunk(service: string) {
    const names = (await readdir(this.#directory)).filter((name) => name.startsWith(`${service}.junk-`));
    await inParallel(names, 16, (name) => unlink(join(this.#directory, name)));
  }

  async churn() {}

  async #read(path: string): Promise<FileRecord> {
    return JSON.parse(await readFile(path, 'utf8')) as FileRecord;
  }

  #pathOf({ service, id }: Instance): string {
    return join(this.#directory, `${service}.${id}.json`);
  }
}
