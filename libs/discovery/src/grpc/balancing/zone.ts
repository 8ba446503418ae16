import type { Connected, PickerFactory } from './picker-factory.js';

/** Only those of the zone, spread as `within` does, as long as one of them is connected; otherwise all. */
export function zonePreferring(zone: string, within: PickerFactory): PickerFactory {
  return (connected) => {
    const [near, ...others] = connected.filter(({ attributes }) => attributes.zone === zone);
    const chosen: Connected = near ? [near, ...others] : connected;
    return within(chosen);
  };
}
