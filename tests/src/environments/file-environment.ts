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
import { type Backend, type Instance, openRegistry } from '@rollcall/discovery';
import { fileBackend } from '@rollcall/discovery/file';
import type { Connection, ConnectOptions, Operator, RegistryEnvironment } from './environment.js';
import { inParallel } from './http-api.js';
import { unreadableValues } from './unreadable-values.js';

/** A directory. It has no server to kill: replacing it with a file makes it unavailable. */
export class FileEnvironment implements RegistryEnvironment {
  readonly kind = 'file';
  readonly version = `Node ${process.versions.node}`;
  readonly ttlMs = 1_800;
  readonly recoveryDeadlineMs = 15_000;
  readonly noticeWithinMs = 15_000;
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

  static async start(): Promise<FileEnvironment> {
    const environment = new FileEnvironment(await mkdtemp(join(tmpdir(), 'rollcall-test-')));
    await mkdir(environment.#directory);
    return environment;
  }

  url(ttlMs = this.ttlMs): string {
    const heartbeatMs = Math.floor(ttlMs / 3);
    return `${pathToFileURL(this.#directory).href}?staleAfterMs=${ttlMs}&heartbeatMs=${heartbeatMs}`;
  }

  async connect({ ttlMs, ...options }: ConnectOptions = {}): Promise<Connection> {
    const registry = await openRegistry(this.url(ttlMs), options);
    return { registry, proxy: undefined, close: () => registry.close() };
  }

  backend(): Backend {
    return fileBackend({ directory: this.#directory });
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
    throw new Error('a directory cannot freeze');
  }
  thaw(): Promise<void> {
    throw new Error('a directory cannot freeze');
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

  async repair() {
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

  /** By another handle of this process, which is alive and registered later. */
  async overwrite(instance: Instance) {
    const path = this.#pathOf(instance);
    const { owner } = await this.#read(path);
    await this.#replace(path, JSON.stringify({ instance, owner: { ...owner, handle: 'another' } }));
  }

  async loseLease(instance: Instance) {
    const longAgo = new Date(Date.now() - 3_600_000);
    await utimes(this.#pathOf(instance), longAgo, longAgo);
  }

  async writeUnreadableSamples(service: string) {
    const ids = Object.keys(unreadableValues);
    const samples: Record<string, string> = {
      ...unreadableValues,
      'bad-port': JSON.stringify({ instance: { id: 'bad-port', service, host: '127.0.0.1', port: 99_999 } }),
      'wrong-types': JSON.stringify({
        instance: { id: 'wrong-types', service, host: 7, port: '1' },
        owner: 3,
      }),
      foreign: JSON.stringify({ instance: { id: 'other', service: 'other', host: '127.0.0.1', port: 1 } }),
    };
    for (const [id, value] of Object.entries(samples)) {
      await this.#replace(join(this.#directory, `${service}.${id}.json`), value);
    }
    return ids.map((id) => `${service}.${id}.json`);
  }

  async writeUnreadable(service: string, count: number) {
    const names = Array.from({ length: count }, (_, i) => `${service}.unreadable-${i}.json`);
    await inParallel(names, 16, (name) => writeFile(join(this.#directory, name), '{"instance":'));
  }

  async deleteUnreadable(service: string) {
    const prefix = `${service}.unreadable-`;
    const names = (await readdir(this.#directory)).filter((name) => name.startsWith(prefix));
    await inParallel(names, 16, (name) => unlink(join(this.#directory, name)));
  }

  async churn() {}

  async #read(path: string): Promise<FileRecord> {
    return JSON.parse(await readFile(path, 'utf8')) as FileRecord;
  }

  /** By rename: a reader must not see a half-written file. */
  async #replace(path: string, content: string): Promise<void> {
    await writeFile(`${path}.part`, content);
    await rename(`${path}.part`, path);
  }

  #pathOf({ service, id }: Instance): string {
    return join(this.#directory, `${service}.${id}.json`);
  }
}
