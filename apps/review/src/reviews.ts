import type { RatingSummary, Review } from '@rollcall/contracts';

const ids =
  'hp-aria hp-drift hp-fern hp-kite hp-pico hp-relay kb-anvil kb-orbit kb-paper kb-slate kb-tempo kb-wren ' +
  'lp-arbor lp-dune lp-glint lp-heron lp-moss lp-pylon sp-beacon sp-cairn sp-harbor sp-pebble sp-strand sp-tuba';

const authors = [
  'Mara',
  'Jonas',
  'Priya',
  'Tomas',
  'Ines',
  'Kofi',
  'Yuki',
  'Lena',
  'Omar',
  'Sofia',
  'Bram',
  'Aiko',
  'Rui',
  'Nadia',
  'Piet',
  'Zoe',
];

/** Titles and openings by stars, 1 to 5. */
const verdicts: readonly (readonly (readonly [title: string, opening: string])[])[] = [
  [
    ['Went back', 'I wanted to like it, and sent it back after a week.'],
    ['Broke early', 'Mine stopped working in the second month.'],
  ],
  [
    ['Not for me', 'It does what it says, but not in a way that suits me.'],
    ['Expected more', 'For this price I expected more.'],
  ],
  [
    ['Decent', 'Neither a mistake nor a discovery.'],
    ['Does the job', 'It does the job and asks for nothing.'],
    ['Mixed feelings', 'I keep changing my mind about it.'],
  ],
  [
    ['Happy with it', 'A good choice, with one small complaint.'],
    ['Nearly perfect', 'Almost everything about it is right.'],
    ['Recommended', 'I would buy it again, perhaps in another colour.'],
  ],
  [
    ['Love it', 'I use it every day and still look forward to it.'],
    ['Worth every cent', 'Better than the one I had, which cost twice as much.'],
    ['Finally', 'This is the one I should have bought in the first place.'],
    ['Excellent', 'Quietly excellent, in use and to look at.'],
  ],
];

const details: Readonly<Record<string, readonly string[]>> = {
  hp: [
    'After three hours my ears are still cool.',
    'Voices sound like the people they belong to.',
    'The case is sturdier than it looks.',
    'The bass could step back a little.',
    'It pairs at once with both of my machines.',
  ],
  kb: [
    'The keys have a soft, even stop.',
    'My wrists noticed the difference within days.',
    'The legends have not faded so far.',
    'It took me a week to find the brackets.',
    'The feet grip even on a polished desk.',
  ],
  lp: [
    'The light is warm without being yellow.',
    'No flicker on camera, which matters to me.',
    'The dimmer goes down far enough for a film.',
    'The cable could have been half a metre longer.',
    'It looks better on the table than in the picture.',
  ],
  sp: [
    'It fills the kitchen without shouting.',
    'Speech is clear at low volume.',
    'The dial turns with a pleasing weight.',
    'I had to move it away from the wall.',
    'The neighbours have asked what it is, kindly.',
  ],
};

const closings = [
  'Delivery took two days.',
  'The box was mostly paper, which I liked.',
  'Support answered the same afternoon.',
  'My sister has ordered one too.',
  'I will write again in a year.',
];

const newest = Date.UTC(2026, 8, 30);
const hourMs = 3_600_000;

/**
 * Reviews by product id, newest first: 5 to 60 each, put together from the sentences above by a generator with a fixed
 * seed, so that every instance has the same.
 */
export const reviews: ReadonlyMap<string, readonly Review[]> = new Map(
  ids.split(' ').map((id) => [id, write(id)]),
);

const summaries: ReadonlyMap<string, RatingSummary> = new Map(
  [...reviews].map(([id, list]) => [id, summarise(list)]),
);

/** The ratings of a product in numbers; of one that nobody reviewed, zeros. */
export function summaryOf(productId: string): RatingSummary {
  return summaries.get(productId) ?? summarise([]);
}

function write(productId: string): Review[] {
  const random = generator(productId);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const quality = 0.45 + random() * 0.5;
  const count = 5 + Math.floor(random() * 56);
  let writtenAtMs = newest;
  return Array.from({ length: count }, (_, index) => {
    writtenAtMs -= Math.ceil(random() * 240) * hourMs;
    const rating = 1 + Math.min(4, Math.floor(5 * random() ** (1 - quality) * 1.02));
    const [title, opening] = pick(verdicts[rating - 1]!);
    const body = `${opening} ${pick(details[productId.slice(0, 2)]!)} ${pick(closings)}`;
    return {
      id: `${productId}-r${index + 1}`,
      productId,
      author: `${pick(authors)} ${pick('ABDEHKLMNRSTVW'.split(''))}.`,
      rating,
      title,
      body,
      writtenAtMs,
    };
  });
}

function summarise(list: readonly Review[]): RatingSummary {
  const histogram = [1, 2, 3, 4, 5].map((stars) => list.filter(({ rating }) => rating === stars).length);
  const sum = list.reduce((total, { rating }) => total + rating, 0);
  return {
    count: list.length,
    mean: list.length === 0 ? 0 : Math.round((sum / list.length) * 100) / 100,
    histogram,
  };
}

/** A small linear congruential generator (the constants of Numerical Recipes), seeded by a text. */
function generator(seed: string): () => number {
  let state = [...seed].reduce((hash, character) => (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0, 7);
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
