import { h, setText } from './element.js';
import { InstanceBadge } from './instances.js';
import { colourOf } from './picture.js';
import { unavailableNotice } from './unavailable.js';

const lowStock = 5;

function priceText({ currencyCode, units, nanos }) {
  const format = new Intl.NumberFormat(undefined, { style: 'currency', currency: currencyCode });
  return format.format(units + nanos / 1e9);
}

function stockText(pieces) {
  if (pieces === 0) return ['none', 'Sold out'];
  return pieces < lowStock ? ['few', `Only ${pieces} left`] : ['many', `${pieces} in stock`];
}

const nameOf = ({ attributes }) => Object.values(attributes).join(', ');

/** Price and variants. A refresh updates prices and stock in place, so that the selection stays. */
export class Variants {
  element = h('section', { class: 'inventory', 'aria-label': 'Price and stock' });
  #badge = new InstanceBadge();
  #price = h('p', { class: 'price' });
  #onSelect;
  #rows = new Map();
  #shownState = '';

  /** `onSelect` gets the colour of the selected variant, or undefined. */
  constructor(onSelect) {
    this.#onSelect = onSelect;
  }

  show(inventory) {
    const { variants, unavailable } = inventory;
    const state = JSON.stringify(unavailable ?? variants.map(({ sku, attributes }) => [sku, attributes]));
    if (state !== this.#shownState) {
      this.#shownState = state;
      if (unavailable) {
        this.element.replaceChildren(
          unavailableNotice('Price and stock are unavailable right now', unavailable),
        );
      } else {
        this.#replaceRows(variants);
      }
    }
    if (unavailable) return;
    this.#badge.show(inventory);
    for (const variant of variants) this.#update(variant);
    this.#showPrice();
  }

  #replaceRows(variants) {
    const names = new Set(variants.flatMap(({ attributes }) => Object.keys(attributes)));
    this.#rows = new Map(variants.map((variant) => [variant.sku, this.#row(variant)]));
    const rows = [...this.#rows.values()];
    if (rows[0]) rows[0].input.checked = true;
    this.element.replaceChildren(
      h('div', { class: 'section-header' }, this.#price, this.#badge.element),
      h(
        'fieldset',
        { class: 'variants' },
        h('legend', { class: 'label' }, names.size === 1 ? [...names][0] : 'Variant'),
        ...rows.map(({ element }) => element),
      ),
    );
    this.#select();
  }

  #row(variant) {
    const input = h('input', { type: 'radio', name: 'variant', value: variant.sku });
    input.addEventListener('change', () => this.#select());
    const colour = colourOf(variant.attributes);
    const swatch = h('span', { class: 'swatch', 'aria-hidden': 'true', hidden: colour === undefined });
    if (colour) swatch.style.setProperty('--material', colour);
    const stock = h('span');
    const price = h('span', { class: 'variant-price' });
    const name = h('span', { class: 'variant-name' }, nameOf(variant));
    return {
      input,
      stock,
      price,
      colour,
      element: h('label', { class: 'variant' }, input, swatch, name, stock, price),
    };
  }

  #update({ sku, stock, price }) {
    const row = this.#rows.get(sku);
    const [level, text] = stockText(stock);
    row.stock.className = `stock ${level}`;
    setText(row.stock, text);
    setText(row.price, priceText(price));
  }

  #selected() {
    return [...this.#rows.values()].find(({ input }) => input.checked);
  }

  #select() {
    this.#onSelect(this.#selected()?.colour);
    this.#showPrice();
  }

  #showPrice() {
    setText(this.#price, this.#selected()?.price.textContent ?? '');
  }
}
