// Shapes of SVG as text. What they are made of is a class, coloured by the style sheet: `m` the material of the
// product, `md` it in the shade, `ml` it in the light, `k` dark rubber, `s` metal, `g` glow, `f` the floor's shadow.

export const circle = (cx, cy, r, material) => `<circle cx="${cx}" cy="${cy}" r="${r}" class="${material}"/>`;

export const ellipse = (cx, cy, rx, ry, material) =>
  `<ellipse cx="${cx}" cy="${cy}" rx="${rx}" ry="${ry}" class="${material}"/>`;

export const rect = (x, y, width, height, rx, material) =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${rx}" class="${material}"/>`;

export const path = (d, material) => `<path d="${d}" class="${material}"/>`;

/** A stroke of the material, `width` wide. */
export const line = (d, material, width) =>
  `<path d="${d}" class="line ${material}" stroke-width="${width}"/>`;

export const moved = (transform, ...shapes) => `<g transform="${transform}">${shapes.join('')}</g>`;

/** A grid of dots in a disc: a grille. */
export function dots(cx, cy, radius, step, r, material) {
  const found = [];
  const first = -Math.floor(radius / step) * step;
  for (let y = first; y <= radius; y += step) {
    for (let x = first; x <= radius; x += step) {
      if (Math.hypot(x, y) <= radius) found.push(circle(cx + x, cy + y, r, material));
    }
  }
  return found.join('');
}
