import type { Product } from '@rollcall/contracts';

/** Ids are two letters for the category and a name, and never change: links, stock and reviews hang on them. */
type Entry = readonly [id: string, brand: string, title: string, description: string];

const headphones: readonly Entry[] = [
  [
    'hp-aria',
    'Northwind Audio',
    'Aria Over-Ear Headphones',
    'Closed over-ear headphones for long evenings of listening. Memory foam that stays cool, a headband that forgets it is there, and a sound that keeps the bass in its place. Folds flat; comes with a cable and works without one for 38 hours.',
  ],
  [
    'hp-drift',
    'Northwind Audio',
    'Drift Noise-Cancelling Headphones',
    'Six microphones take the train, the office and the neighbour out of the music. Cancelling adapts to the fit, so that glasses are no excuse, and it switches off with a palm on the cup.',
  ],
  [
    'hp-fern',
    'Lumen & Fern',
    'Fern Open-Back Headphones',
    'Open cups of perforated beech let the room in and the music out. Made for a quiet room, a good chair and records with air between the instruments.',
  ],
  [
    'hp-pico',
    'Tidal Works',
    'Pico True Wireless Earbuds',
    'Small enough to sleep in, loud enough to run with. Eight hours a charge, three more charges in the case, and a case that fits the coin pocket.',
  ],
  [
    'hp-relay',
    'Tidal Works',
    'Relay Studio Monitor Headphones',
    'Flat by design: what you hear is what you recorded. Replaceable pads, replaceable cable, every part on a parts list.',
  ],
  [
    'hp-kite',
    'Halyard',
    'Kite Kids Headphones',
    'Limited to 85 decibels, washable, and built for being sat on. A second socket lets two listen to one story.',
  ],
];

const speakers: readonly Entry[] = [
  [
    'sp-harbor',
    'Northwind Audio',
    'Harbor Bookshelf Speakers',
    'A pair of two-way speakers in oiled walnut with a silk-dome tweeter. Room for the voice, rhythm for the feet, and no app.',
  ],
  [
    'sp-pebble',
    'Tidal Works',
    'Pebble Portable Speaker',
    'Floats, shrugs off sand, and plays for a day at the lake. Pair two of them for stereo across a picnic blanket.',
  ],
  [
    'sp-beacon',
    'Lumen & Fern',
    'Beacon Lamp Speaker',
    'Warm light above, even sound all round below. One dial does both, and remembers the evening you liked.',
  ],
  [
    'sp-strand',
    'Halyard',
    'Strand Soundbar',
    'Dialogue you can follow at low volume, from a bar no higher than a paperback. One cable to the television, none to the wall unit.',
  ],
  [
    'sp-tuba',
    'Northwind Audio',
    'Tuba Subwoofer',
    'A down-firing ten-inch driver in a sealed box. Tight rather than loud, with a crossover you can set by ear in five minutes.',
  ],
  [
    'sp-cairn',
    'Tidal Works',
    'Cairn Multi-Room Speaker',
    'Put one in each room and they agree on the beat over your own network. Physical buttons, a mute that really cuts the microphone.',
  ],
];

const keyboards: readonly Entry[] = [
  [
    'kb-slate',
    'Quillon',
    'Slate Mechanical Keyboard',
    'Seventy-five percent of the size and all of the keys. Gasket-mounted, quiet switches, and an aluminium case that does not move when you mean it.',
  ],
  [
    'kb-orbit',
    'Quillon',
    'Orbit Split Keyboard',
    'Two halves that stand where your shoulders want them. Tenting feet from 5 to 20 degrees and a thumb cluster that earns its name.',
  ],
  [
    'kb-paper',
    'Lumen & Fern',
    'Paper Low-Profile Keyboard',
    'Eleven millimetres high with scissor keys that feel like more. Charges twice a year and remembers three machines.',
  ],
  [
    'kb-anvil',
    'Halyard',
    'Anvil Full-Size Keyboard',
    'For those who enter numbers for a living: a full pad, clicky switches and keycaps whose letters go all the way through.',
  ],
  [
    'kb-wren',
    'Quillon',
    'Wren Compact Keyboard',
    'Sixty keys and layers for the rest. Fits in front of a laptop and in a coat pocket, and is reprogrammed from a web page you can save.',
  ],
  [
    'kb-tempo',
    'Tidal Works',
    'Tempo Wireless Keyboard',
    'A keyboard for the sofa: backlit, splash-proof, with a dial for the volume and a trackpad where the right thumb rests.',
  ],
];

const lamps: readonly Entry[] = [
  [
    'lp-heron',
    'Lumen & Fern',
    'Heron Desk Lamp',
    'A long balanced arm that stays where it is put. Ninety-seven percent colour fidelity, no flicker, and a touch strip that dims to candlelight.',
  ],
  [
    'lp-moss',
    'Lumen & Fern',
    'Moss Bedside Lamp',
    'Felt shade, warm glow, and a pull cord because nobody wants to pair a lamp in the dark.',
  ],
  [
    'lp-pylon',
    'Halyard',
    'Pylon Floor Lamp',
    'A slim steel mast with light upward for the room and downward for the page, each on its own dimmer.',
  ],
  [
    'lp-glint',
    'Tidal Works',
    'Glint Clip Lamp',
    'Clips to a shelf, a music stand or a headboard. Bends twice, charges by USB-C, and lasts a novel.',
  ],
  [
    'lp-dune',
    'Northwind Audio',
    'Dune Wake-Up Lamp',
    'Half an hour of sunrise before the alarm, with birds if you insist. The snooze is the whole top.',
  ],
  [
    'lp-arbor',
    'Quillon',
    'Arbor Monitor Light',
    'Sits on the screen and lights the desk, not the glass. Follows the daylight through the day unless you tell it otherwise.',
  ],
];

function shelf(category: string, entries: readonly Entry[]): Product[] {
  return entries.map(([id, brand, title, description]) => ({
    id,
    brand,
    title,
    description,
    category,
    imageName: id,
  }));
}

/** Everything the shop sells, ordered by id. The same in every instance. */
export const products: readonly Product[] = [
  ...shelf('headphones', headphones),
  ...shelf('speakers', speakers),
  ...shelf('keyboards', keyboards),
  ...shelf('lamps', lamps),
].toSorted((a, b) => (a.id < b.id ? -1 : 1));
