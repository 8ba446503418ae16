import type { Money } from '@rollcall/contracts';

/** A variant as it is carried. How many of it are in stock, the shelf tells. */
export interface CarriedVariant {
  readonly sku: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly price: Money;
  /** Pieces on the shelf after a delivery. */
  readonly shelved: number;
}

type Options = Readonly<Record<string, readonly string[]>>;

/** `euros` is the price of the plainest variant, less the 90 cents that every price ends in. */
type Line = readonly [productId: string, euros: number, options: Options];

const lines: readonly Line[] = [
  ['hp-aria', 189, { colour: ['black', 'sand', 'forest'] }],
  ['hp-drift', 279, { colour: ['black', 'cloud'] }],
  ['hp-fern', 349, { wood: ['beech', 'walnut'] }],
  ['hp-kite', 39, { colour: ['sky', 'coral', 'lime'] }],
  ['hp-pico', 129, { colour: ['black', 'white', 'mint', 'plum'] }],
  ['hp-relay', 159, { cable: ['straight', 'coiled'] }],
  ['kb-anvil', 119, { layout: ['ISO', 'ANSI'] }],
  ['kb-orbit', 239, { layout: ['ISO', 'ANSI'], switches: ['quiet', 'tactile'] }],
  ['kb-paper', 89, { colour: ['white', 'graphite'] }],
  ['kb-slate', 169, { switches: ['quiet', 'linear', 'tactile'] }],
  ['kb-tempo', 79, { layout: ['ISO', 'ANSI'] }],
  ['kb-wren', 99, { colour: ['moss', 'brick', 'ink'] }],
  ['lp-arbor', 69, { width: ['40 cm', '50 cm'] }],
  ['lp-dune', 99, { colour: ['white', 'sand'] }],
  ['lp-glint', 29, { colour: ['black', 'white', 'red'] }],
  ['lp-heron', 149, { finish: ['black', 'white', 'brass'] }],
  ['lp-moss', 59, { shade: ['green', 'grey'] }],
  ['lp-pylon', 129, { colour: ['black', 'white'] }],
  ['sp-beacon', 139, { colour: ['white', 'amber'] }],
  ['sp-cairn', 199, { colour: ['black', 'stone', 'moss'] }],
  ['sp-harbor', 449, { wood: ['oak', 'walnut'] }],
  ['sp-pebble', 79, { colour: ['black', 'sky', 'coral', 'lime'] }],
  ['sp-strand', 229, { length: ['60 cm', '90 cm'] }],
  ['sp-tuba', 319, { finish: ['black', 'walnut'] }],
];

/** What some options cost more, in euros. Colours cost nothing. */
const surcharges: Readonly<Record<string, number>> = {
  walnut: 40,
  brass: 20,
  coiled: 10,
  tactile: 10,
  '50 cm': 15,
  '90 cm': 50,
};

/** What the shop carries, by product id: 2 to 4 variants each. The same in every instance. */
export const assortment: ReadonlyMap<string, readonly CarriedVariant[]> = new Map(
  lines.map(([productId, euros, options]) => [
    productId,
    combinations(options).map((attributes, index) => ({
      sku: [productId, ...Object.values(attributes).map(slug)].join('-'),
      attributes,
      price: { currencyCode: 'EUR', units: euros + surcharge(attributes), nanos: 900_000_000 },
      // Any spread will do that looks like one: 12 to 40 pieces.
      shelved: 12 + ((euros * (index + 3)) % 29),
    })),
  ]),
);

function combinations(options: Options): Record<string, string>[] {
  return Object.entries(options).reduce<Record<string, string>[]>(
    (all, [name, values]) =>
      all.flatMap((attributes) => values.map((value) => ({ ...attributes, [name]: value }))),
    [{}],
  );
}

function surcharge(attributes: Readonly<Record<string, string>>): number {
  return Object.values(attributes).reduce((sum, value) => sum + (surcharges[value] ?? 0), 0);
}

function slug(text: string): string {
  return text.toLowerCase().replaceAll(' ', '');
}
