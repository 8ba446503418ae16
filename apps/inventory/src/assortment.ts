import type { Money } from '@rollcall/contracts';

/** A variant as it is carried. How many of it are in stock, the shelf tells. */
export interface Carried {
  readonly sku: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly price: Money;
  /** How many are put on the shelf at the start of a day. */
  readonly shelved: number;
}

type Line = readonly [productId: string, euros: number, options: Readonly<Record<string, readonly string[]>>];

const lines: readonly Line[] = [
  ['hp-aria', 189, { colour: ['black', 'sand', 'forest'] }],
  ['hp-drift', 279, { colour: ['black', 'cloud'] }],
  ['hp-fern', 349, { wood: ['beech', 'walnut'] }],
  ['hp-kite', 39, { colour: ['sky', 'coral', 'lime'] }],
  ['hp-pico', 129, { colour: ['black', 'white', 'mint', 'plum'] }],
  ['hp-relay', 159, { cable: ['coiled', 'straight'] }],
  ['kb-anvil', 119, { layout: ['ISO', 'ANSI'] }],
  ['kb-orbit', 239, { layout: ['ISO', 'ANSI'], switches: ['quiet', 'tactile'] }],
  ['kb-paper', 89, { colour: ['white', 'graphite'] }],
  ['kb-slate', 169, { switches: ['quiet', 'linear', 'tactile'] }],
  ['kb-tempo', 79, { layout: ['ISO', 'ANSI'] }],
  ['kb-wren', 99, { colour: ['moss', 'brick', 'ink'] }],
  ['lp-arbor', 69, { width: ['40 cm', '50 cm'] }],
  ['lp-dune', 99, { colour: ['white', 'sand'] }],
  ['lp-glint', 29, { colour: ['black', 'white', 'red'] }],
  ['lp-heron', 149, { colour: ['black', 'white', 'brass'] }],
  ['lp-moss', 59, { shade: ['green', 'grey'] }],
  ['lp-pylon', 129, { colour: ['black', 'white'] }],
  ['sp-beacon', 139, { colour: ['white', 'amber'] }],
  ['sp-cairn', 199, { colour: ['black', 'stone', 'moss'] }],
  ['sp-harbor', 449, { wood: ['walnut', 'oak'] }],
  ['sp-pebble', 79, { colour: ['black', 'sky', 'coral', 'lime'] }],
  ['sp-strand', 229, { length: ['60 cm', '90 cm'] }],
  ['sp-tuba', 319, { colour: ['black', 'walnut'] }],
];

/** What the shop carries, by product id: 2 to 4 variants each. The same in every instance. */
export const assortment: ReadonlyMap<string, readonly Carried[]> = new Map(
  lines.map(([productId, euros, options]) => [
    productId,
    combinations(options).map((attributes, index) => ({
      sku: `${productId}-${Object.values(attributes).map(slug).join('-')}`,
      attributes,
      // Each further variant costs five euros more; all prices end in 90 cents.
      price: { currencyCode: 'EUR', units: euros + 5 * index, nanos: 900_000_000 },
      shelved: 12 + ((euros * (index + 3)) % 29),
    })),
  ]),
);

function combinations(options: Readonly<Record<string, readonly string[]>>): Record<string, string>[] {
  return Object.entries(options).reduce<Record<string, string>[]>(
    (all, [name, values]) =>
      all.flatMap((attributes) => values.map((value) => ({ ...attributes, [name]: value }))),
    [{}],
  );
}

function slug(text: string): string {
  return text.toLowerCase().replaceAll(' ', '');
}
