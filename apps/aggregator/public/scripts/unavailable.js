import { h } from './element.js';

/** Replaces a section whose service did not respond. */
export function unavailableNotice(title, { code, message }) {
  return h(
    'div',
    { class: 'unavailable' },
    h('p', { class: 'unavailable-title' }, title),
    h('p', {}, 'The rest of this page is up to date. This section returns by itself.'),
    h('details', {}, h('summary', {}, 'Reason'), h('p', { class: 'code' }, `${code}: ${message}`)),
  );
}
