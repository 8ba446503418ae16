import type { Backend, ObservedSet } from '../../backend/backend.js';
import type { DiscoveryError } from '../../model/errors.js';
import type { Instance } from '../../model/instance.js';
import { SessionRun } from './session-run.js';

/** A session that observes a service, or all services, and collects every set. */
export class ObserveRun extends SessionRun {
  readonly sets: (readonly Instance[])[] = [];
  readonly rejected: { readonly key: string; readonly reason: DiscoveryError }[] = [];
  #gate = Promise.resolve();

  constructor(backend: Backend, service: string | undefined, timeoutMs: number) {
    super(`the session that observes ${service ?? 'all services'}`, timeoutMs);
    const session = {
      signal: this.controller.signal,
      rejected: (key: string, reason: DiscoveryError) =>
        this.update(() => this.rejected.push({ key, reason })),
    };
    this.run(
      this.#collect(service === undefined ? backend.observeAll(session) : backend.observe(service, session)),
    );
  }

  /** Takes at most one more set until the returned function is called. */
  pause(): () => void {
    let resume = () => {};
    this.#gate = new Promise((resolve) => (resume = resolve));
    return resume;
  }

  /** Waits until the newest set satisfies `matches`. */
  async until(what: string, matches: (set: readonly Instance[]) => boolean): Promise<readonly Instance[]> {
    return this.waitWhileOpen(what, () => {
      const newest = this.sets.at(-1);
      return newest && matches(newest) ? newest : undefined;
    });
  }

  async untilFirst(): Promise<readonly Instance[]> {
    return this.waitWhileOpen('the first set', () => this.sets[0]);
  }

  async untilHas(...instances: readonly Instance[]): Promise<readonly Instance[]> {
    const ids = instances.map(({ id }) => id);
    return this.until(`a set with ${ids.join(', ')}`, (set) => ids.every((id) => has(set, id)));
  }

  async untilHasNot({ id }: Instance): Promise<void> {
    await this.until(`a set without ${id}`, (set) => !has(set, id));
  }

  async untilRejected(): Promise<void> {
    await this.waitWhileOpen('a rejected record', () => this.rejected[0]);
  }

  protected describe(): string {
    const newest = this.sets.at(-1)?.map(({ id, draining }) => (draining ? `${id} (draining)` : id));
    return `${this.sets.length} sets, the last is ${JSON.stringify(newest)}`;
  }

  async #collect(sets: AsyncIterable<ObservedSet>): Promise<void> {
    for await (const { instances } of sets) {
      this.update(() => this.sets.push(instances));
      await this.#gate;
    }
  }
}

export function has(instances: readonly Instance[], id: string): boolean {
  return instances.some((instance) => instance.id === id);
}
