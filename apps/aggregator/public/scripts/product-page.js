import { h, nonBreakingHyphens, setText } from './element.js';
import { InstanceBadge } from './instances.js';
import { picture } from './picture.js';
import { tiles } from './product-tiles.js';
import { RatingLine, Reviews } from './reviews.js';
import { Variants } from './variants.js';

/** The page of one product: one section per service. */
export class ProductPage {
  #badge = new InstanceBadge();
  #picture = h('div', { class: 'picture hero' });
  #brand = h('p', { class: 'label' });
  #title = h('h1', {});
  #description = h('p', { class: 'description' });
  #rating = new RatingLine();
  #reviews = new Reviews();
  #variants = new Variants((colour) => this.#recolour(colour));
  #related = h('section', { class: 'related', 'aria-labelledby': 'related-title', hidden: true });
  #shownState = '';

  elements = [
    h(
      'section',
      { class: 'product' },
      this.#picture,
      h(
        'div',
        { class: 'details' },
        h('div', { class: 'section-header' }, this.#brand, this.#badge.element),
        this.#title,
        this.#rating.element,
        this.#description,
        this.#variants.element,
      ),
    ),
    this.#reviews.element,
    this.#related,
  ];

  show({ product, inventory, reviews }) {
    this.#badge.show(product);
    const { servedBy: _, tookMs: __, ...details } = product;
    const state = JSON.stringify(details);
    if (state !== this.#shownState) {
      this.#shownState = state;
      document.title = `${details.title} · Rollcall Shop`;
      setText(this.#brand, details.brand);
      setText(this.#title, nonBreakingHyphens(details.title));
      setText(this.#description, details.description);
      this.#picture.replaceChildren(picture(details));
    }
    this.#variants.show(inventory);
    this.#rating.show(reviews);
    this.#reviews.show(reviews);
  }

  /** Other products of the same category. */
  showRelated(products) {
    const title = h('h2', { id: 'related-title' }, `More ${products[0]?.category ?? ''}`);
    this.#related.replaceChildren(title, tiles(products, 'related-products'));
    this.#related.hidden = products.length === 0;
  }

  #recolour(colour) {
    if (colour) this.#picture.firstElementChild?.style.setProperty('--material', colour);
  }
}
