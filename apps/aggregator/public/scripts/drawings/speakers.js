import { circle, dots, ellipse, line, path, rect } from './shapes.js';

const cone = (x, y, r) =>
  circle(x, y, r, 's') +
  circle(x, y, r - 4, 'k') +
  circle(x, y, r * 0.62, 'cone') +
  circle(x, y, r * 0.3, 'k') +
  circle(x - r * 0.08, y - r * 0.1, r * 0.1, 's');

const twoWay = (x) =>
  path(`M${x + 96} 74 l18 12 v192 h-18 Z`, 'md') +
  rect(x, 74, 98, 204, 6, 'm') +
  rect(x + 6, 80, 86, 192, 3, 'ml') +
  circle(x + 49, 122, 19, 's') +
  circle(x + 49, 122, 15, 'k') +
  circle(x + 49, 122, 7, 'cone') +
  cone(x + 49, 206, 36);

const harbor = ellipse(165, 280, 132, 9, 'f') + twoWay(44) + twoWay(172);

const pebble = [
  ellipse(160, 262, 112, 9, 'f'),
  line('M62 158 C24 128 20 188 52 206', 'k', 9),
  path('M56 192 C56 112 104 96 160 96 S264 112 264 192 S216 262 160 262 S56 256 56 192 Z', 'md'),
  path('M62 188 C62 116 108 102 160 102 S258 116 258 188 S212 252 160 252 S62 248 62 188 Z', 'm'),
  dots(160, 178, 58, 13, 3.6, 'md'),
  rect(138, 116, 10, 4, 2, 'ml'),
  rect(155, 116, 10, 4, 2, 'ml'),
  rect(172, 116, 10, 4, 2, 'ml'),
].join('');

const beacon = [
  ellipse(160, 288, 84, 8, 'f'),
  circle(160, 104, 96, 'g halo'),
  circle(160, 104, 74, 'g halo'),
  path('M100 108 A60 60 0 0 1 220 108 V152 H100 Z', 'g'),
  path('M114 108 A46 46 0 0 1 160 62 V152 H114 Z', 'g bright'),
  rect(96, 150, 128, 136, 10, 'md'),
  rect(96, 150, 112, 136, 10, 'm'),
  ...Array.from({ length: 9 }, (_, row) => rect(106, 176 + row * 11, 108, 3, 1.5, 'md')),
  rect(96, 148, 128, 8, 4, 's'),
].join('');

const strand = [
  ellipse(160, 214, 150, 8, 'f'),
  rect(10, 168, 300, 44, 14, 'md'),
  rect(10, 164, 300, 42, 14, 'm'),
  rect(18, 172, 264, 26, 10, 'k'),
  ...Array.from({ length: 40 }, (_, column) => rect(26 + column * 6.3, 176, 2, 18, 1, 'cone')),
  circle(296, 185, 3.5, 'g'),
].join('');

const cairn = [
  ellipse(160, 280, 92, 9, 'f'),
  path('M84 116 C84 84 236 84 236 116 L246 250 C246 290 74 290 74 250 Z', 'md'),
  path('M84 116 C84 84 236 84 236 116 L240 246 C236 282 74 284 74 248 Z', 'm'),
  ...Array.from({ length: 11 }, (_, row) =>
    line(
      `M${83 - row * 0.8} ${138 + row * 11} Q160 ${158 + row * 11} ${237 + row * 0.8} ${138 + row * 11}`,
      'md',
      2,
    ),
  ),
  ellipse(160, 112, 72, 19, 'ml'),
  ellipse(160, 112, 60, 14, 'k'),
  circle(138, 112, 3.5, 's'),
  circle(182, 112, 3.5, 's'),
  rect(155, 110, 10, 4, 2, 'g'),
].join('');

const tuba = [
  ellipse(166, 286, 112, 9, 'f'),
  path('M236 82 l30 20 v164 l-30 14 Z', 'md'),
  rect(62, 78, 176, 202, 8, 'm'),
  rect(70, 86, 160, 186, 4, 'ml'),
  cone(150, 172, 66),
  rect(116, 252, 68, 8, 4, 'k'),
  rect(74, 280, 14, 8, 2, 'k'),
  rect(212, 280, 14, 8, 2, 'k'),
].join('');

export const speakers = {
  'sp-beacon': ['white', beacon],
  'sp-cairn': ['stone', cairn],
  'sp-harbor': ['walnut', harbor],
  'sp-pebble': ['sky', pebble],
  'sp-strand': ['graphite', strand],
  'sp-tuba': ['black', tuba],
};
