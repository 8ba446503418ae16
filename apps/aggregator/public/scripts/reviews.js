import { h, setText } from './element.js';
import { InstanceBadge } from './instances.js';
import { unavailableNotice } from './unavailable.js';

/** Five stars, filled to the nearest half. */
export function stars(rating) {
  const element = h('span', { class: 'stars', role: 'img', 'aria-label': `${rating} of 5 stars` });
  element.style.setProperty('--filled', `${Math.round(rating * 2) * 10}%`);
  return element;
}

const dateFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

function review({ rating, title, body, author, writtenAtMs }) {
  return h(
    'li',
    { class: 'review' },
    stars(rating),
    h('h3', {}, title),
    h('p', {}, body),
    h('p', { class: 'byline' }, `${author}, ${dateFormat.format(writtenAtMs)}`),
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
  #badge = new InstanceBadge();
  #summaryBadge = new InstanceBadge();
  #shownState = '';

  show(reviews) {
    const { summary, items, unavailable } = reviews;
    const state = JSON.stringify(unavailable ?? [summary.count, summary.histogram, items]);
    if (state !== this.#shownState) {
      this.#shownState = state;
      const title = h('h2', { id: 'reviews-title' }, 'Reviews');
      this.element.replaceChildren(
        h('div', { class: 'section-header' }, title, unavailable ? undefined : this.#badge.element),
        unavailable
          ? unavailableNotice('Reviews are unavailable right now', unavailable)
          : this.#body(summary, items),
      );
    }
    if (unavailable) return;
    this.#badge.show(reviews);
    this.#summaryBadge.show(summary);
  }

  #body(summary, items) {
    if (summary.count === 0) return h('p', { class: 'muted' }, 'No reviews yet.');
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

/** Mean rating and number of reviews, below the title of the product. */
export class RatingLine {
  element = h('p', { class: 'rating' });
  #shownState = '';

  show({ summary }) {
    const state = summary ? `${summary.mean} ${summary.count}` : '';
    if (state === this.#shownState) return;
    this.#shownState = state;
    if (!summary || summary.count === 0) return this.element.replaceChildren();
    const link = h('a', { href: '#reviews' });
    setText(link, summary.count === 1 ? '1 review' : `${summary.count} reviews`);
    this.element.replaceChildren(stars(summary.mean), summary.mean.toFixed(1), link);
  }
}
