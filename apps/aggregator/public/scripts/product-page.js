import { ownMaterial, picture } from './drawings/index.js';
import { h, setText, unbroken } from './element.js';
import { RatingLine, Reviews } from './reviews.js';
import { Badge } from './roll.js';
import { tiles } from './shelf.js';
import { Variants } from './variants.js';

/** The page of one product, out of three parts. */
export class ProductPage {
  #badge = new Badge();
  #stage = h('div', { class: 'stage hero' });
  #brand = h('p', { class: 'label' });
  #title = h('h1', {});
  #description = h('p', { class: 'description' });
  #rating = new RatingLine();
  #reviews = new Reviews();
  #variants = new Variants((material) => this.#paint(material));
  #shelf = h('section', { class: 'more', 'aria-labelledby': 'more-title', hidden: true });
  #shown = '';

  elements = [
    h(
      'section',
      { class: 'product' },
      this.#stage,
      h(
        'div',
        { class: 'words' },
        h('div', { class: 'part-head' }, this.#brand, this.#badge.element),
        this.#title,
        this.#rating.element,
        this.#description,
        this.#variants.element,
      ),
    ),
    this.#reviews.element,
    this.#shelf,
  ];

  show({ product, inventory, reviews }) {
    this.#badge.show(product);
    const { servedBy: _, tookMs: __, ...words } = product;
    const shape = JSON.stringify(words);
    if (shape !== this.#shown) {
      this.#shown = shape;
      document.title = `${words.title} · Rollcall Shop`;
      setText(this.#brand, words.brand);
      setText(this.#title, unbroken(words.title));
      setText(this.#description, words.description);
      this.#stage.replaceChildren(picture(words));
    }
    this.#variants.show(inventory, ownMaterial(words));
    this.#rating.show(reviews);
    this.#reviews.show(reviews);
  }

  /** What else there is of its kind. */
  showShelf(products) {
    const title = h('h2', { id: 'more-title' }, `More ${products[0]?.category ?? ''}`);
    this.#shelf.replaceChildren(title, tiles(products, 'shelf'));
    this.#shelf.hidden = products.length === 0;
  }

  #paint(material) {
    if (material) this.#stage.firstElementChild?.style.setProperty('--material', material);
  }
}
