import type { Review } from '@rollcall/contracts';
import { authors, initials } from './authors.js';
import { headphones, keyboards, lamps, type Remarks, speakers } from './remarks.js';
import { SeededRandom } from './seeded-random.js';
import { voices } from './voices.js';

const reviewed: readonly (readonly [remarks: Remarks, productIds: readonly string[]])[] = [
  [headphones, ['hp-aria', 'hp-drift', 'hp-fern', 'hp-kite', 'hp-pico', 'hp-relay']],
  [keyboards, ['kb-anvil', 'kb-orbit', 'kb-paper', 'kb-slate', 'kb-tempo', 'kb-wren']],
  [lamps, ['lp-arbor', 'lp-dune', 'lp-glint', 'lp-heron', 'lp-moss', 'lp-pylon']],
  [speakers, ['sp-beacon', 'sp-cairn', 'sp-harbor', 'sp-pebble', 'sp-strand', 'sp-tuba']],
];

/** No review is younger, in ms since the Unix epoch. Fixed, because every instance must say the same. */
const newestMs = Date.UTC(2026, 8, 30);
/** The longest time between two reviews of a product, in ms. */
const longestGapMs = 10 * 24 * 3_600_000;

/**
 * Reviews by product id, newest first: 5 to 60 each. They are put together from sentences by a generator whose seed is
 * the product's id, so that every instance has the same.
 */
export const reviews: ReadonlyMap<string, readonly Review[]> = new Map(
  reviewed.flatMap(([remarks, ids]) => ids.map((id) => [id, write(id, remarks)] as const)),
);

function write(productId: string, remarks: Remarks): Review[] {
  const random = new SeededRandom(productId);
  const count = random.integer(5, 60);
  const quality = 3 + 2 * random.next();
  let writtenAtMs = newestMs;
  return Array.from({ length: count }, (_, index) => {
    writtenAtMs -= random.integer(1, longestGapMs);
    const rating = rate(quality, random);
    return {
      id: `${productId}-r${count - index}`,
      productId,
      author: `${random.one(authors)} ${random.one(initials)}.`,
      rating,
      ...compose(rating, remarks, random),
      writtenAtMs,
    };
  });
}

/** Stars for a product of this quality, 3 to 5: people differ by up to two and a half stars, most by less than one. */
function rate(quality: number, random: SeededRandom): number {
  const opinion = 2.5 * (random.next() + random.next() - 1);
  return Math.min(5, Math.max(1, Math.round(quality + opinion)));
}

function compose(
  rating: number,
  { praises, complaints }: Remarks,
  random: SeededRandom,
): Pick<Review, 'title' | 'body'> {
  const voice = voices[rating - 1]!;
  const [title, opening] = random.one(voice.openings);
  const body = [
    opening,
    ...random.some(voice.praises, praises),
    ...random.some(voice.complaints, complaints),
    ...random.some(random.integer(0, 1), voice.closings),
  ].join(' ');
  return { title, body };
}
