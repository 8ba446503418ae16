import { headphones } from './headphones.js';
import { keyboards } from './keyboards.js';
import { lamps } from './lamps.js';
import { rect } from './shapes.js';
import { speakers } from './speakers.js';

const drawings = { ...headphones, ...keyboards, ...lamps, ...speakers };

/** For a category, the drawing of a product that has none of its own. */
const ofCategory = {
  headphones: headphones['hp-aria'],
  keyboards: keyboards['kb-slate'],
  lamps: lamps['lp-heron'],
  speakers: speakers['sp-harbor'],
};

const parcel = ['beech', rect(70, 110, 180, 150, 8, 'm') + rect(148, 110, 24, 150, 0, 'md')];

/** The materials that variants come in. */
const materials = {
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
  slate: '#6d7480',
  stone: '#aba69d',
  walnut: '#704a33',
  white: '#f3f2ee',
};

/** The colour of the variant with these attributes, if it is told apart by one: as CSS writes it. */
export function materialOf(attributes) {
  return Object.values(attributes)
    .map((value) => materials[value])
    .find(Boolean);
}

/** The material in which a product is shown before anyone chose another. */
export function ownMaterial(product) {
  return materials[drawingOf(product)[0]];
}

/** A picture of the product, as an SVG element. What it is made of is `--material`, which may change. */
export function picture(product) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 320 320');
  svg.setAttribute('aria-hidden', 'true');
  svg.innerHTML = drawingOf(product)[1];
  svg.style.setProperty('--material', ownMaterial(product));
  return svg;
}

function drawingOf({ imageName, category }) {
  return drawings[imageName] ?? ofCategory[category] ?? parcel;
}
