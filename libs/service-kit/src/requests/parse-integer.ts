/** NaN for anything but decimal digits: `Number()` also accepts `1e1`, `0x10` and `" 1 "`. */
export function parseInteger(text: unknown): number {
  return typeof text === 'string' && /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}
