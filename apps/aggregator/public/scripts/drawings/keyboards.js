import { circle, ellipse, line, moved, rect } from './shapes.js';

/**
 * Rows of keys, each a list of widths in units of a key. A key of more than three units is a space bar, and stands
 * out.
 */
function keys(rows, { x, y, unit, gap = 3, radius = 3.5, tall = unit }) {
  return rows
    .map((row, rowIndex) => {
      let left = x;
      return row
        .map((width) => {
          const from = left;
          left += width * unit;
          const top = y + rowIndex * tall;
          const wide = width * unit - gap;
          return (
            rect(from, top + 2, wide, tall - gap, radius, 'md') +
            rect(from, top, wide, tall - gap - 1.5, radius, width > 3 ? 'accent' : 'cap')
          );
        })
        .join('');
    })
    .join('');
}

const ones = (count) => Array.from({ length: count }, () => 1);

/** Lies on the desk at an angle, over its own shadow. */
const lying = (shapes, angle = -9) =>
  moved(`translate(160 172) rotate(${angle}) translate(-160 -160)`, ...shapes);

const board = (x, y, width, height, radius = 12) =>
  rect(x + 4, y + 12, width, height, radius, 'f') +
  rect(x, y + 6, width, height, radius, 'md') +
  rect(x, y, width, height, radius, 'm');

const anvil = lying([
  board(8, 104, 304, 112),
  keys([ones(14), ones(14), [1.5, ...ones(11), 1.5], [2, ...ones(10), 2], [1.5, 1.5, 6.5, 1.5, 1.5, 1.5]], {
    x: 18,
    y: 114,
    unit: 14.6,
    gap: 2.4,
    radius: 3,
    tall: 19,
  }),
  keys([ones(4), ones(4), ones(4), ones(4), [2, 1, 1]], {
    x: 236,
    y: 114,
    unit: 17.2,
    gap: 2.4,
    radius: 3,
    tall: 19,
  }),
]);

const half = [
  board(20, 92, 124, 118, 20),
  keys([ones(6), ones(6), ones(6), ones(3)], { x: 30, y: 103, unit: 17.6, radius: 4, tall: 19 }),
  moved('rotate(14 110 180)', keys([[1.3, 1.3]], { x: 88, y: 166, unit: 19, radius: 5, tall: 24 })),
];
const orbit = [
  line('M132 96 C150 70 172 70 190 96', 'k', 4),
  moved('rotate(12 92 150)', ...half),
  moved('translate(320 0) scale(-1 1) rotate(12 92 150)', ...half),
].join('');

const compact = [
  ones(12),
  [1.5, ...ones(9), 1.5],
  [1.75, ...ones(8), 2.25],
  [1.25, 1.25, 1.25, 4.5, 1.25, 1.25, 1.25],
];

const paper = lying([
  rect(36, 110, 258, 104, 10, 'f'),
  rect(30, 106, 260, 102, 10, 'md'),
  rect(30, 104, 260, 101, 10, 'm'),
  keys([ones(12), ...compact], { x: 38, y: 112, unit: 20.4, gap: 2, radius: 2.5, tall: 17.2 }),
]);

const slate = lying([
  board(28, 98, 264, 124, 10),
  rect(34, 104, 252, 112, 6, 'k'),
  keys(
    [
      ones(13),
      [...ones(11), 2],
      [1.5, ...ones(10), 1.5],
      [1.75, ...ones(9), 2.25],
      [1.25, 1.25, 1.25, 5, 1.25, 1, 1, 1],
    ],
    { x: 41, y: 110, unit: 18.5, gap: 2.6, radius: 4, tall: 20.6 },
  ),
]);

const tempo = lying([
  board(12, 104, 296, 104, 18),
  keys([ones(12), ...compact.slice(1)], { x: 24, y: 114, unit: 16.6, gap: 2.4, radius: 3, tall: 21 }),
  circle(266, 130, 17, 's'),
  circle(266, 130, 13, 'k'),
  rect(265, 118, 2.5, 8, 1, 'g'),
  rect(232, 156, 66, 42, 8, 'ml'),
  line('M24 203 H222', 'g bright', 2),
]);

const wren = lying([
  board(52, 104, 216, 98, 14),
  keys(compact, { x: 62, y: 114, unit: 16.6, gap: 2.6, radius: 5, tall: 20 }),
  ellipse(160, 200, 7, 1.5, 's'),
]);

export const keyboards = {
  'kb-anvil': ['graphite', anvil],
  'kb-orbit': ['black', orbit],
  'kb-paper': ['white', paper],
  'kb-slate': ['slate', slate],
  'kb-tempo': ['graphite', tempo],
  'kb-wren': ['brick', wren],
};
