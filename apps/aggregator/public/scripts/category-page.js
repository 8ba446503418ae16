import { h, setText } from './element.js';
import { InstanceBadge } from './instances.js';
import { tiles } from './product-tiles.js';

/** All products of one category. */
export class CategoryPage {
  #badge = new InstanceBadge();
  #count = h('p', { class: 'label' });
  #title = h('h1', { class: 'capitalised' });
  #body = h('div', {});
  #shownState = '';

  elements = [
    h(
      'section',
      { class: 'category' },
      h('div', { class: 'section-header' }, this.#count, this.#badge.element),
      this.#title,
      this.#body,
    ),
  ];

  show(category, list) {
    this.#badge.show(list);
    const products = list.products.filter((product) => product.category === category);
    const state = JSON.stringify(products);
    if (state === this.#shownState) return;
    this.#shownState = state;
    document.title = `${category} · Rollcall Shop`;
    setText(this.#count, products.length === 1 ? '1 product' : `${products.length} products`);
    setText(this.#title, category);
    this.#body.replaceChildren(tiles(products, 'grid'));
  }
}
