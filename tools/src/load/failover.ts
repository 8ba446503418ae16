import type { ServiceName } from '../system/app-process.js';
import type { Answer } from './answer.js';

/** One kill, as the callers saw it. All times in ms. */
export interface KillReport {
  readonly service: ServiceName;
  /** The id of the instance that was killed. */
  readonly instance: string;
  /** The kill, after the load began. */
  readonly atMs: number;
  /**
   * The longest time between two answers with a part from this service, whichever instance served it: from the last
   * one before the kill until {@link windowMs} after it, or until the next kill of the same service.
   */
  readonly gapMs: number;
  /** The last answer with a part from the killed instance, after the kill; negative when before; null when none ever. */
  readonly lastCallMs: number | null;
  /** The first answer with a part from its replacement, after the kill; null when none came. */
  readonly replacementFirstCallMs: number | null;
}

/** How long after a kill its gap is looked for, in ms. */
export const windowMs = 3_000;

interface Kill {
  readonly service: ServiceName;
  readonly instance: string;
  readonly at: number;
  replacement: string | undefined;
  until: number;
  gap: number;
}

/** Follows the answers, and tells of each kill how it was felt. Keeps no more than one time for each instance. */
export class Failover {
  readonly #startedAt: number;
  readonly #kills: Kill[] = [];
  readonly #lastOfService = new Map<ServiceName, number>();
  readonly #firstOf = new Map<string, number>();
  readonly #lastOf = new Map<string, number>();

  /** @param startedAt when the load began, by `performance.now()`, as all times here. */
  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  answered({ at, servedBy }: Pick<Answer, 'at' | 'servedBy'>): void {
    for (const [service, instance] of servedBy) {
      this.#closeGaps(service, at);
      this.#lastOfService.set(service, at);
      this.#lastOf.set(instance, at);
      if (!this.#firstOf.has(instance)) this.#firstOf.set(instance, at);
    }
  }

  killed(service: ServiceName, instance: string, at: number): void {
    for (const earlier of this.#kills) {
      if (earlier.service === service) earlier.until = Math.min(earlier.until, at);
    }
    this.#kills.push({ service, instance, at, replacement: undefined, until: at + windowMs, gap: 0 });
  }

  /** `replacement` was started in the place of `instance`. */
  replaced(instance: string, replacement: string): void {
    const kill = this.#kills.find((candidate) => candidate.instance === instance);
    if (kill) kill.replacement = replacement;
  }

  /** Whether every killed instance has a replacement that was called. */
  get recovered(): boolean {
    return this.#kills.every(
      ({ replacement }) => replacement !== undefined && this.#firstOf.has(replacement),
    );
  }

  /** @param now ends the gaps that are still open. */
  report(now: number): KillReport[] {
    const round = (ms: number) => Math.round(ms * 10) / 10;
    const after = (kill: Kill, at: number | undefined) => (at === undefined ? null : round(at - kill.at));
    return this.#kills.map((kill) => ({
      service: kill.service,
      instance: kill.instance,
      atMs: round(kill.at - this.#startedAt),
      gapMs: round(Math.max(kill.gap, this.#openGap(kill, now))),
      lastCallMs: after(kill, this.#lastOf.get(kill.instance)),
      replacementFirstCallMs: after(kill, this.#firstOf.get(kill.replacement ?? '')),
    }));
  }

  #closeGaps(service: ServiceName, at: number): void {
    for (const kill of this.#kills) {
      if (kill.service === service) kill.gap = Math.max(kill.gap, this.#openGap(kill, at));
    }
  }

  /** The silence from the last answer until `now`, as far as it lies in the kill's window. */
  #openGap(kill: Kill, now: number): number {
    const last = this.#lastOfService.get(kill.service) ?? this.#startedAt;
    return last > kill.until ? 0 : Math.min(now, kill.until) - last;
  }
}
