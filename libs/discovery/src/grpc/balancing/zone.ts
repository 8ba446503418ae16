import type { Connected, Spread } from './spread.js';

/** Only those of the zone, spread as `within` does, as long as one of them is connected; otherwise all. */
export function zonePreferring(zone: string, within: Spread): Spread {
  return (connected) => {
    const [near, ...others] = connected.filter(({ traits }) => traits.zone === zone);
    const chosen: Connected = near ? [near, ...others] : connected;
    return within(chosen);
  };
}
