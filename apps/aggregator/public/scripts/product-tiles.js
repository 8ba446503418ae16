import { h, nonBreakingHyphens } from './element.js';
import { picture } from './picture.js';

const productPath = (id) => `/?product=${encodeURIComponent(id)}`;
const categoryPath = (category) => `/?category=${encodeURIComponent(category)}`;

function tile(product) {
  return h(
    'li',
    {},
    h(
      'a',
      { class: 'tile', href: productPath(product.id) },
      h('span', { class: 'picture' }, picture(product)),
      h('span', { class: 'tile-title' }, nonBreakingHyphens(product.title)),
      h('span', { class: 'muted' }, product.brand),
    ),
  );
}

export const tiles = (products, className) => h('ul', { class: className }, ...products.map(tile));

/** Links to the categories, with `current` marked. */
export function showCategories(nav, products, current) {
  const categories = [...new Set(products.map(({ category }) => category))];
  nav.replaceChildren(
    ...categories.map((category) =>
      h(
        'a',
        { href: categoryPath(category), 'aria-current': category === current ? 'true' : undefined },
        category,
      ),
    ),
  );
}
