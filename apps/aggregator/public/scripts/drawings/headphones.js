import { circle, dots, ellipse, line, moved, path, rect } from './shapes.js';

/** Seen half from the side: the near cup whole, the far one behind it, the band over both. */
function overHead({ face, band = 17, cup = 68, under = '' }) {
  const near = { x: 120, y: 206 };
  const far = { x: 232, y: 196 };
  const arc = `M${near.x - 6} ${near.y - 40} C${near.x - 22} 74 ${near.x + 16} 50 178 50 C240 50 262 88 ${far.x + 8} ${far.y - 34}`;
  return [
    ellipse(168, 288, 112, 9, 'f'),
    under,
    ellipse(far.x - 12, far.y, cup * 0.34, cup * 0.8, 'k'),
    ellipse(far.x + 6, far.y, cup * 0.44, cup * 0.88, 'md'),
    ellipse(far.x + 12, far.y - 3, cup * 0.34, cup * 0.74, 'm'),
    moved(
      `translate(0 ${(band - 17) / 2})`,
      line('M124 98 C132 72 152 61 178 61 C210 61 232 74 240 104', 'k', band * 0.6),
    ),
    line(arc, 'md', band),
    line(arc, 'm', band - 6),
    ellipse(near.x + 24, near.y + 2, cup * 0.78, cup * 0.98, 'k'),
    circle(near.x, near.y, cup, 'md'),
    circle(near.x - 4, near.y - 3, cup - 6, 'm'),
    face(near.x - 5, near.y - 3),
  ].join('');
}

const smooth = (x, y) =>
  circle(x, y, 40, 'ml') +
  circle(x, y, 33, 'm') +
  circle(x, y + 22, 3, 's') +
  rect(x - 3, y - 50, 6, 16, 3, 's');

const slotted = (x, y) =>
  ellipse(x, y, 42, 46, 'ml') +
  rect(x - 22, y - 26, 8, 20, 4, 'k') +
  rect(x - 4, y - 32, 8, 20, 4, 'k') +
  rect(x + 14, y - 26, 8, 20, 4, 'k') +
  circle(x, y + 26, 3.5, 's');

const open = (x, y) => circle(x, y, 49, 'md') + circle(x, y, 45, 'k') + dots(x, y, 40, 11, 3.4, 'm');

const studio = (x, y) =>
  circle(x, y, 46, 's') + circle(x, y, 41, 'md') + circle(x, y, 26, 'm') + circle(x, y, 8, 's');

const playful = (x, y) =>
  circle(x, y, 42, 'ml') +
  circle(x - 13, y - 8, 5, 'k') +
  circle(x + 13, y - 8, 5, 'k') +
  line(`M${x - 17} ${y + 12} Q${x} ${y + 28} ${x + 17} ${y + 12}`, 'k', 5);

const coiled = Array.from({ length: 7 }, (_, turn) => ellipse(118 + turn * 15, 284, 11, 8, 'coil')).join('');

function bud(x, y, turn) {
  return moved(
    `translate(${x} ${y}) rotate(${turn})`,
    rect(-11, 4, 22, 74, 11, 'md'),
    rect(-11, 2, 18, 72, 9, 'm'),
    circle(0, 0, 28, 'md'),
    circle(-3, -3, 24, 'm'),
    ellipse(20, -6, 13, 19, 'k'),
    circle(-8, -8, 5, 'ml'),
    rect(-5, 62, 10, 4, 2, 's'),
  );
}

const buds = [
  ellipse(160, 286, 104, 9, 'f'),
  bud(112, 92, -14),
  moved('translate(320 0) scale(-1 1)', bud(112, 92, -14)),
  rect(70, 196, 180, 88, 40, 'md'),
  path('M70 236 V230 A38 38 0 0 1 110 192 H210 A38 38 0 0 1 250 230 V236 Z', 'm'),
  rect(70, 233, 180, 4, 0, 'k'),
  rect(140, 226, 40, 8, 4, 'ml'),
  circle(160, 256, 4, 'g'),
].join('');

export const headphones = {
  'hp-aria': ['forest', overHead({ face: smooth })],
  'hp-drift': ['cloud', overHead({ face: slotted, band: 20 })],
  'hp-fern': ['beech', overHead({ face: open, band: 13, cup: 72 })],
  'hp-kite': ['coral', overHead({ face: playful, band: 26, cup: 62 })],
  'hp-pico': ['mint', buds],
  'hp-relay': ['graphite', overHead({ face: studio, under: coiled })],
};
