/** Somewhere that instances appear, one after the other, and two ways of looking. */
export interface Source {
  /** The control: does nothing but count the records of `service` that it hears of. */
  count(service: string): Promise<Sight>;
  /** What is measured: a watch of the library. */
  watch(service: string): Promise<Sight>;
  /** Writes records number `from` to `to` (exclusive) of `service`. */
  register(service: string, from: number, to: number): Promise<void>;
  close(): Promise<void>;
}

export interface Sight {
  /** How many instances are in sight. */
  readonly seen: () => number;
  /** How many times its reader was told. */
  readonly told: () => number;
  readonly close: () => Promise<void>;
}
