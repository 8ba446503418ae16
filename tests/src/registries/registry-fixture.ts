import type { Backend, OwnRecord } from '@rollcall/discovery';
import type { RegistryServer } from '@rollcall/tools';
import { Announcement, newInstance, Watcher } from './sessions.js';

/** A real registry with the library's backend on it, and the sessions of one test. */
export abstract class RegistryFixture<Options> {
  readonly server: RegistryServer;
  readonly watchers: Watcher[] = [];
  readonly #announcements: Announcement[] = [];
  readonly #backends: Backend[] = [];

  constructor(server: RegistryServer) {
    this.server = server;
  }

  protected abstract open(options?: Options): Backend;

  /** With short times; `options` override them. */
  backend(options?: Options): Backend {
    const backend = this.open(options);
    this.#backends.push(backend);
    return backend;
  }

  /** Resolves when the instance is registered. `record` is that of an earlier announcement of the same registration. */
  async announce(instance = newInstance(), by = this.backend(), record?: OwnRecord): Promise<Announcement> {
    const announcement = await Announcement.registered(by, instance, record);
    this.#announcements.push(announcement);
    return announcement;
  }

  /** Watches `service`, or the catalog. */
  watch(service?: string, by = this.backend()): Watcher {
    const watcher = new Watcher(by, service);
    this.watchers.push(watcher);
    return watcher;
  }

  /** Ends the sessions of a test. */
  async cleanUp(): Promise<void> {
    await Promise.all([
      ...this.#announcements.splice(0).map((announcement) => announcement.deregister()),
      ...this.watchers.splice(0).map((watcher) => watcher.stop()),
    ]);
    await Promise.all(this.#backends.splice(0).map((backend) => backend.close()));
  }
}
