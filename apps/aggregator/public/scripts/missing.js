import { h } from './element.js';

/** Stands where a part would that could not be had. */
export function missing(title, { code, message }) {
  return h(
    'div',
    { class: 'missing' },
    h('p', { class: 'missing-title' }, title),
    h('p', {}, 'Everything else on this page is up to date. It comes back by itself.'),
    h('details', {}, h('summary', {}, 'Why'), h('p', { class: 'code' }, `${code}: ${message}`)),
  );
}
