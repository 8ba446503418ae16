interface Running {
  users: number;
  readonly stop: () => void;
}

/** By signal, then by provider. All copies of this library in a process share it: each receives the events of all of them. */
const key = Symbol.for('@rollcall/discovery/telemetry/1');
const holder = globalThis as { [key]?: Record<Signal, Map<object, Running>> };
const running = (holder[key] ??= { metrics: new Map(), spans: new Map() });

type Signal = 'metrics' | 'spans';

/** Calls `start` unless the signal goes to this provider already. The returned function of the last user stops it. */
export function startOnce(signal: Signal, provider: object, start: () => () => void): () => void {
  const known = running[signal].get(provider);
  const current = known ?? { users: 0, stop: start() };
  if (!known) running[signal].set(provider, current);
  current.users += 1;
  let isStopped = false;
  return () => {
    if (isStopped) return;
    isStopped = true;
    current.users -= 1;
    if (current.users > 0) return;
    running[signal].delete(provider);
    current.stop();
  };
}
