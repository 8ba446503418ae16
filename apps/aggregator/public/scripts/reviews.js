import { h, setText } from './element.js';
import { missing } from './missing.js';
import { Badge } from './roll.js';

/** Stars as a picture with a text: five, filled from the left to the nearest half. */
export function stars(rating) {
  const element = h('span', { class: 'stars', role: 'img', 'aria-label': `${rating} of 5 stars` });
  element.style.setProperty('--filled', `${Math.round(rating * 2) * 10}%`);
  return element;
}

const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

function review({ rating, title, body, author, writtenAtMs }) {
  return h(
    'li',
    { class: 'review' },
    stars(rating),
    h('h3', {}, title),
    h('p', {}, body),
    h('p', { class: 'byline' }, `${author}, ${day.format(writtenAtMs)}`),
  );
}

function histogram({ count, histogram: counts }) {
  const rows = counts.map((number, index) => {
    const label = index === 0 ? '1 star' : `${index + 1} stars`;
    return h(
      'li',
      {},
      h('span', {}, label),
      h('progress', { max: Math.max(1, count), value: number, 'aria-label': label }),
      h('span', { class: 'number' }, String(number)),
    );
  });
  return h('ul', { class: 'histogram' }, ...rows.toReversed());
}

export class Reviews {
  element = h('section', { class: 'reviews', id: 'reviews', 'aria-labelledby': 'reviews-title' });
  #badge = new Badge();
  #summaryBadge = new Badge();
  #shown = '';

  show(reviews) {
    const { summary, items, unavailable } = reviews;
    const shape = JSON.stringify(unavailable ?? [summary.count, summary.histogram, items]);
    if (shape !== this.#shown) {
      this.#shown = shape;
      const title = h('h2', { id: 'reviews-title' }, 'Reviews');
      this.element.replaceChildren(
        h('div', { class: 'part-head' }, title, unavailable ? undefined : this.#badge.element),
        unavailable ? missing('Reviews cannot be shown right now', unavailable) : this.#body(summary, items),
      );
    }
    if (unavailable) return;
    this.#badge.show(reviews);
    this.#summaryBadge.show(summary);
  }

  #body(summary, items) {
    if (summary.count === 0) return h('p', { class: 'soft' }, 'Nobody has written one yet.');
    return h(
      'div',
      { class: 'reviews-body' },
      h(
        'div',
        { class: 'summary' },
        h('p', { class: 'mean' }, summary.mean.toFixed(1), h('small', {}, 'of 5')),
        stars(summary.mean),
        histogram(summary),
        this.#summaryBadge.element,
      ),
      h('ul', { class: 'review-list' }, ...items.map(review)),
    );
  }
}

/** The rating in one line, under the title of the product. */
export class RatingLine {
  element = h('p', { class: 'rating' });
  #shown = '';

  show({ summary }) {
    const shape = summary ? `${summary.mean} ${summary.count}` : '';
    if (shape === this.#shown) return;
    this.#shown = shape;
    if (!summary || summary.count === 0) return this.element.replaceChildren();
    const link = h('a', { href: '#reviews' });
    setText(link, summary.count === 1 ? '1 review' : `${summary.count} reviews`);
    this.element.replaceChildren(stars(summary.mean), summary.mean.toFixed(1), link);
  }
}
