import { h, setText } from './element.js';
import { Badge } from './roll.js';
import { tiles } from './shelf.js';

/** All products of one category. */
export class CategoryPage {
  #badge = new Badge();
  #count = h('p', { class: 'label' });
  #title = h('h1', { class: 'capital' });
  #body = h('div', {});
  #shown = '';

  elements = [
    h(
      'section',
      { class: 'category' },
      h('div', { class: 'part-head' }, this.#count, this.#badge.element),
      this.#title,
      this.#body,
    ),
  ];

  show(category, list) {
    this.#badge.show(list);
    const products = list.products.filter((product) => product.category === category);
    const shape = JSON.stringify(products);
    if (shape === this.#shown) return;
    this.#shown = shape;
    document.title = `${category} · Rollcall Shop`;
    setText(this.#count, products.length === 1 ? '1 product' : `${products.length} products`);
    setText(this.#title, category);
    this.#body.replaceChildren(tiles(products, 'grid'));
  }
}
