/** What pickers keep about an instance, for as long as it is listed. */
export class PickTarget {
  weight: number;
  zone: string | undefined;
  callsInFlight = 0;
  /** See `weighted.ts`. Starts at random, so that clients do not all begin with the same instance. */
  wait = Math.random();

  constructor({ weight, zone }: { readonly weight: number; readonly zone?: string | undefined }) {
    this.weight = weight;
    this.zone = zone;
  }

  readonly onCallStarted = (): void => {
    this.callsInFlight += 1;
  };

  readonly onCallEnded = (): void => {
    this.callsInFlight -= 1;
  };
}

/** The instances that can be called: at least one. */
export type PickTargets<C extends PickTarget> = readonly [C, ...C[]];

/**
 * Creates a picker whenever the instances or an attribute have changed; the picker chooses the instance of each call. A
 * client has one factory: state that has to survive a change lives in the factory or in {@link PickTarget}.
 */
export type PickerFactory = <C extends PickTarget>(ready: PickTargets<C>) => () => C;

export function roundRobin(): PickerFactory {
  let next = Math.floor(Math.random() * 65_536);
  return (ready) => () => ready[next++ % ready.length]!;
}

/**
 * Of two random endpoints, the one with fewer calls in flight (gRFC A48). The least loaded of all would be worse: every
 * client would send its next call to the same idle instance.
 */
export function leastRequest(): PickerFactory {
  return (ready) => () => {
    const first = Math.floor(Math.random() * ready.length);
    const step = 1 + Math.floor(Math.random() * (ready.length - 1));
    const one = ready[first]!;
    const other = ready[(first + step) % ready.length]!;
    return other.callsInFlight < one.callsInFlight ? other : one;
  };
}

/** Picks among the endpoints of `zone` while one of them is connected, otherwise among all. */
export function zoneAware(zone: string, within: PickerFactory): PickerFactory {
  return (ready) => {
    const [local, ...others] = ready.filter((candidate) => candidate.zone === zone);
    return within(local ? [local, ...others] : ready);
  };
}
