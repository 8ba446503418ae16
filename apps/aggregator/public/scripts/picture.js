/** The colours of the variants, by attribute value. */
const colours = {
  amber: '#d98e2b',
  beech: '#d8ad7c',
  black: '#2f2f34',
  brass: '#bb954d',
  brick: '#a8553f',
  cloud: '#c7d1da',
  coral: '#ef8972',
  forest: '#41604d',
  graphite: '#54565d',
  green: '#648a60',
  grey: '#8f9194',
  ink: '#333c62',
  lime: '#b5cc52',
  mint: '#a5d6be',
  moss: '#76854f',
  oak: '#c6a06e',
  plum: '#714464',
  red: '#c9402f',
  sand: '#dac5a2',
  sky: '#8cbcdd',
  stone: '#aba69d',
  walnut: '#704a33',
  white: '#f3f2ee',
};

/** The CSS colour of a variant; undefined if its variants do not differ in colour. */
export function colourOf(attributes) {
  return Object.values(attributes)
    .map((value) => colours[value])
    .find(Boolean);
}

const svgNamespace = 'http://www.w3.org/2000/svg';

/**
 * The picture of a product. It is referenced with `<use>` instead of `<img>`, so that the file inherits `--material`,
 * the colour of the selected variant.
 */
export function picture({ imageName }) {
  const svg = document.createElementNS(svgNamespace, 'svg');
  svg.setAttribute('viewBox', '0 0 320 320');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(svgNamespace, 'use');
  use.setAttribute('href', `/pictures/${encodeURIComponent(imageName)}.svg#picture`);
  svg.append(use);
  return svg;
}
