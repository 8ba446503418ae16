import type { Arena, Kind } from './arena.js';
import { ConsulArena } from './consul-arena.js';
import { EtcdArena } from './etcd-arena.js';
import type { Trial } from './trial.js';

/** One row of the matrix: something that happens to a registry, or to those who use it. */
export interface Fault {
  readonly name: string;
  /** What is promised of the cure, in ms. Reported beside what was measured; a machine's speed fails no test. */
  readonly boundMs?: (arena: Arena) => number;
  /** Where it cannot happen, and why: shown in the cell. */
  readonly notFor?: Partial<Record<Kind, string>>;
  /** The same where it depends on how this one was started. */
  readonly notHere?: (arena: Arena) => string | undefined;
  /** Breaks, cures, and returns how long it took until all was right, in ms; nothing where there is no cure to wait for. */
  run(trial: Trial): Promise<number | undefined>;
}

/** "Within a second of the cure." */
export const aSecond = () => 1_000;
/** "Within TTL/3 + 1 s." */
export const aBeat = ({ ttlMs }: Arena) => Math.ceil(ttlMs / 3) + 1_000;

export const noNetwork = 'a directory has no network in between';
export const onlyConsul = { file: 'of Consul only', etcd: 'of Consul only' };
export const onlyEtcd = { file: 'of etcd only', consul: 'of etcd only' };

export function etcdOf({ arena }: Trial): EtcdArena {
  if (arena instanceof EtcdArena) return arena;
  throw new Error(`${arena.kind} is not etcd`);
}

export function consulOf({ arena }: Trial): ConsulArena {
  if (arena instanceof ConsulArena) return arena;
  throw new Error(`${arena.kind} is not consul`);
}
