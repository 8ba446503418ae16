import { materialOf } from './drawings/index.js';
import { h, setText } from './element.js';
import { missing } from './missing.js';
import { Badge } from './roll.js';

const few = 5;

function priceText({ currencyCode, units, nanos }) {
  const format = new Intl.NumberFormat(undefined, { style: 'currency', currency: currencyCode });
  return format.format(units + nanos / 1e9);
}

function stockOf(pieces) {
  if (pieces === 0) return ['none', 'Sold out'];
  return pieces < few ? ['few', `Only ${pieces} left`] : ['many', `${pieces} in stock`];
}

const nameOf = ({ attributes }) => Object.values(attributes).join(', ');

/** Price, and the variants to choose from. What changes from answer to answer changes in place. */
export class Variants {
  element = h('section', { class: 'inventory', 'aria-label': 'Price and stock' });
  #badge = new Badge();
  #price = h('p', { class: 'price' });
  #onChoice;
  #rows = new Map();
  #shown = '';

  /** `onChoice` hears the material of the variant that was chosen, if it has one. */
  constructor(onChoice) {
    this.#onChoice = onChoice;
  }

  /** Of the variants, the one of the `preferred` material is chosen first. */
  show(inventory, preferred) {
    const { variants, unavailable } = inventory;
    const shape = JSON.stringify(unavailable ?? variants.map(({ sku, attributes }) => [sku, attributes]));
    if (shape !== this.#shown) {
      this.#shown = shape;
      if (unavailable) {
        this.element.replaceChildren(missing('Price and stock cannot be shown right now', unavailable));
      } else {
        this.#lay(variants, preferred);
      }
    }
    if (unavailable) return;
    this.#badge.show(inventory);
    for (const variant of variants) this.#update(variant);
    this.#showPrice();
  }

  #lay(variants, preferred) {
    const names = new Set(variants.flatMap(({ attributes }) => Object.keys(attributes)));
    this.#rows = new Map(variants.map((variant) => [variant.sku, this.#row(variant)]));
    const first = variants.find(({ attributes }) => materialOf(attributes) === preferred) ?? variants[0];
    if (first) this.#rows.get(first.sku).input.checked = true;
    const choices = [...this.#rows.values()].map(({ element }) => element);
    this.element.replaceChildren(
      h('div', { class: 'part-head' }, this.#price, this.#badge.element),
      h(
        'fieldset',
        { class: 'variants' },
        h('legend', { class: 'label' }, names.size === 1 ? [...names][0] : 'Variant'),
        ...choices,
      ),
    );
    this.#choose();
  }

  #row(variant) {
    const input = h('input', { type: 'radio', name: 'variant', value: variant.sku });
    input.addEventListener('change', () => this.#choose());
    const material = materialOf(variant.attributes);
    const swatch = h('span', { class: 'swatch', 'aria-hidden': 'true', hidden: material === undefined });
    if (material) swatch.style.setProperty('--material', material);
    const stock = h('span');
    const price = h('span', { class: 'variant-price' });
    const name = h('span', { class: 'variant-name' }, nameOf(variant));
    return {
      input,
      stock,
      price,
      material,
      element: h('label', { class: 'variant' }, input, swatch, name, stock, price),
    };
  }

  #update({ sku, stock, price }) {
    const row = this.#rows.get(sku);
    const [level, text] = stockOf(stock);
    row.stock.className = `stock ${level}`;
    setText(row.stock, text);
    setText(row.price, priceText(price));
  }

  #chosen() {
    return [...this.#rows.values()].find(({ input }) => input.checked);
  }

  #choose() {
    this.#onChoice(this.#chosen()?.material);
    this.#showPrice();
  }

  #showPrice() {
    setText(this.#price, this.#chosen()?.price.textContent ?? '');
  }
}
