import { circle, ellipse, line, moved, path, rect } from './shapes.js';

const halo = (x, y, r) => circle(x, y, r, 'g halo') + circle(x, y, r * 0.72, 'g halo');

const heron = [
  ellipse(150, 290, 86, 8, 'f'),
  path('M211 87 L269 113 L312 262 H156 Z', 'g halo'),
  line('M120 276 L92 152 L206 70', 'md', 12),
  line('M118 276 L90 152 L204 68', 'm', 8),
  circle(91, 152, 11, 's'),
  moved(
    'translate(210 72) rotate(24)',
    rect(-18, -13, 96, 26, 13, 'md'),
    rect(-18, -15, 96, 22, 11, 'm'),
    rect(6, 8, 64, 6, 3, 'g bright'),
  ),
  ellipse(120, 282, 56, 11, 'md'),
  ellipse(120, 277, 56, 11, 'm'),
  ellipse(120, 276, 20, 4, 'ml'),
].join('');

const arbor = [
  path('M74 92 H246 L300 262 H20 Z', 'g halo'),
  ellipse(160, 288, 92, 8, 'f'),
  rect(146, 236, 28, 44, 0, 's'),
  rect(104, 276, 112, 9, 4, 's'),
  rect(34, 106, 252, 142, 10, 'k'),
  rect(42, 114, 236, 126, 4, 'screen'),
  rect(58, 76, 204, 20, 10, 'md'),
  rect(58, 73, 204, 18, 9, 'm'),
  rect(74, 89, 172, 5, 2.5, 'g bright'),
  rect(146, 66, 28, 44, 8, 'md'),
  circle(160, 84, 5, 's'),
].join('');

const dune = [
  ellipse(160, 272, 116, 9, 'f'),
  halo(160, 184, 126),
  path('M56 232 A104 104 0 0 1 264 232 Z', 'g'),
  path('M82 232 A78 78 0 0 1 238 232 Z', 'g bright'),
  path('M48 228 H272 L262 262 A12 12 0 0 1 250 270 H70 A12 12 0 0 1 58 262 Z', 'm'),
  path('M52 244 L58 262 A12 12 0 0 0 70 270 H250 A12 12 0 0 0 262 262 L268 244 Z', 'md'),
  rect(128, 238, 64, 22, 5, 'k'),
  rect(137, 244, 6, 10, 2, 'g'),
  rect(148, 244, 6, 10, 2, 'g'),
  rect(166, 244, 6, 10, 2, 'g'),
  rect(177, 244, 6, 10, 2, 'g'),
].join('');

const glint = [
  ellipse(156, 292, 112, 7, 'f'),
  path('M116 100 L197 126 L240 262 H92 Z', 'g halo'),
  rect(36, 262, 248, 18, 4, 'board'),
  line('M84 250 C60 170 78 76 150 84', 'md', 9),
  line('M83 249 C59 169 77 75 149 83', 'm', 6),
  rect(60, 240, 52, 22, 6, 'm'),
  path('M60 280 H112 V288 A6 6 0 0 1 106 294 H66 A6 6 0 0 1 60 288 Z', 'md'),
  moved(
    'translate(152 84) rotate(18)',
    path('M-8 -20 H34 L58 22 H-32 Z', 'md'),
    path('M-8 -20 H26 L46 22 H-32 Z', 'm'),
    rect(-32, 20, 90, 7, 3.5, 'g bright'),
  ),
].join('');

const moss = [
  ellipse(160, 288, 84, 8, 'f'),
  halo(160, 160, 128),
  rect(153, 178, 14, 96, 4, 's'),
  path('M112 74 H208 L248 192 H72 Z', 'md'),
  path('M112 74 H196 L226 192 H72 Z', 'm'),
  path('M72 188 H248 L250 198 H70 Z', 'g bright'),
  line('M204 196 V238', 's', 2.5),
  circle(204, 243, 6, 'ml'),
  ellipse(160, 281, 50, 10, 'md'),
  ellipse(160, 276, 50, 10, 'm'),
].join('');

const pylon = [
  ellipse(160, 296, 70, 7, 'f'),
  path('M134 60 L104 8 H216 L186 60 Z', 'g halo'),
  path('M169 134 L214 145 L262 286 H130 Z', 'g halo'),
  rect(155, 56, 10, 232, 5, 'md'),
  rect(155, 56, 6, 232, 3, 'm'),
  path('M126 50 H194 L182 78 H138 Z', 'm'),
  path('M168 50 H194 L182 78 H168 Z', 'md'),
  rect(126, 46, 68, 6, 3, 'g bright'),
  line('M160 128 L190 118', 'md', 7),
  moved(
    'translate(196 120) rotate(14)',
    path('M-12 -14 H12 L24 16 H-24 Z', 'm'),
    rect(-24, 14, 48, 6, 3, 'g bright'),
  ),
  ellipse(160, 290, 48, 8, 'md'),
  ellipse(160, 286, 48, 8, 'm'),
].join('');

export const lamps = {
  'lp-arbor': ['graphite', arbor],
  'lp-dune': ['sand', dune],
  'lp-glint': ['red', glint],
  'lp-heron': ['brass', heron],
  'lp-moss': ['green', moss],
  'lp-pylon': ['black', pylon],
};
