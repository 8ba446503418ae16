import { picture } from './drawings/index.js';
import { h, unbroken } from './element.js';

export const productPath = (id) => `/?product=${encodeURIComponent(id)}`;
export const categoryPath = (category) => `/?category=${encodeURIComponent(category)}`;

function tile(product) {
  return h(
    'li',
    {},
    h(
      'a',
      { class: 'tile', href: productPath(product.id) },
      h('span', { class: 'stage' }, picture(product)),
      h('span', { class: 'tile-title' }, unbroken(product.title)),
      h('span', { class: 'soft' }, product.brand),
    ),
  );
}

/** Products side by side. */
export const tiles = (products, className) => h('ul', { class: className }, ...products.map(tile));

/** Links to the categories, in the bar; the present one is marked. */
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
