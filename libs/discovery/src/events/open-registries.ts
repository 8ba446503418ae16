import type { ListEvent, RegistrationEvent } from './discovery-events.js';

/**
 * The state of an open registry handle. Events report changes to those who listen at that moment; gauges need the present
 * state, also for a listener that came later.
 */
export interface RegistryStatus {
  /** For people, without secrets. */
  readonly registry: string;
  readonly registrations: readonly Pick<RegistrationEvent, 'service' | 'instance' | 'status'>[];
  readonly lists: readonly ListStatus[];
}

/** The list of one watched service. */
export interface ListStatus extends Pick<ListEvent, 'service' | 'source' | 'instances'> {
  /** How many of them are held back: see `HeldEvent`. */
  readonly held: number;
  /** Time since the registry last confirmed it, in ms; for a snapshot, its age; null if it never did. */
  readonly ageMs: number | null;
}

/** All copies of this library in a process share it. */
const key = Symbol.for('@rollcall/discovery/open-registries/1');
const holder = globalThis as { [key]?: Set<() => RegistryStatus> };
const open = (holder[key] ??= new Set());

/** Includes a handle until the returned function is called. */
export function addOpenRegistry(status: () => RegistryStatus): () => void {
  open.add(status);
  return () => void open.delete(status);
}

/** Of all handles of the process that are open and were used. */
export function openRegistries(): readonly RegistryStatus[] {
  return [...open].map((status) => status());
}
