const $ = (id) => document.getElementById(id);

/** Makes an element; children that are text are text, never HTML. */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'class') element.className = value;
    else if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// One drawing a category, in strokes of the current colour.
const drawings = {
  headphones:
    '<path d="M22 66V54a28 28 0 0 1 56 0v12"/><rect x="14" y="56" width="15" height="28" rx="7"/><rect x="71" y="56" width="15" height="28" rx="7"/>',
  speakers:
    '<rect x="27" y="12" width="46" height="76" rx="6"/><circle cx="50" cy="60" r="16"/><circle cx="50" cy="60" r="5"/><circle cx="50" cy="29" r="7"/>',
  keyboards:
    '<rect x="8" y="32" width="84" height="38" rx="6"/><path d="M18 43h4M30 43h4M42 43h4M54 43h4M66 43h4M78 43h4M18 52h4M30 52h4M42 52h4M54 52h4M66 52h4M78 52h4M32 61h36"/>',
  lamps:
    '<path d="M30 88h36M48 88 34 52l26-26"/><path d="m52 18 20 20c8-6 10-14 6-20s-16-8-26 0Z"/><path d="M78 48v6M90 40l5 2"/>',
};

function drawing(category) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 100 100');
  for (const [name, value] of Object.entries({
    fill: 'none',
    stroke: 'currentColor',
    'stroke-width': '2.4',
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
  })) {
    svg.setAttribute(name, value);
  }
  svg.innerHTML = drawings[category] ?? drawings.speakers;
  return svg;
}

/** The same instance has the same colour, on every page. */
function hue(id) {
  let hash = 2166136261;
  for (const character of id) hash = Math.imul(hash ^ character.charCodeAt(0), 16777619) >>> 0;
  return hash % 360;
}

function badge(id, tookMs) {
  const element = h(
    'span',
    { class: 'badge', title: `answered by ${id}` },
    tookMs === undefined ? id : `${id} · ${tookMs} ms`,
  );
  element.style.setProperty('--hue', hue(id));
  return element;
}

const stars = (rating) => '★'.repeat(Math.round(rating)) + '☆'.repeat(5 - Math.round(rating));

function price({ currencyCode, units, nanos }) {
  return new Intl.NumberFormat(undefined, { style: 'currency', currency: currencyCode }).format(
    units + nanos / 1e9,
  );
}

function stock(pieces) {
  if (pieces === 0) return h('span', { class: 'none' }, 'sold out');
  if (pieces < 5) return h('span', { class: 'few' }, `only ${pieces} left`);
  return h('span', { class: 'in-stock' }, `${pieces} in stock`);
}

function unavailable(what, { code, message }) {
  return h(
    'div',
    { class: 'unavailable', role: 'status' },
    h('strong', {}, `${what} cannot be shown right now. `),
    'The rest of the page is fine. ',
    h('code', {}, `${code}: ${message}`),
  );
}

function showProduct(product) {
  document.title = `${product.title} · Rollcall Shop`;
  $('picture').replaceChildren(drawing(product.category));
  $('brandname').textContent = product.brand;
  $('title').textContent = product.title;
  $('description').textContent = product.description;
}

function showInventory(inventory) {
  if (inventory.unavailable)
    return $('variants').replaceChildren(unavailable('Price and stock', inventory.unavailable));
  const rows = inventory.variants.map((variant) =>
    h(
      'tr',
      {},
      h('td', {}, Object.values(variant.attributes).join(', ')),
      h('td', {}, stock(variant.stock)),
      h('td', {}, price(variant.price)),
    ),
  );
  $('variants').replaceChildren(
    h('table', { 'aria-label': 'Variants' }, h('tbody', {}, ...rows)),
    h('p', { class: 'part-foot' }, badge(inventory.servedBy)),
  );
}

function showReviews(reviews) {
  if (reviews.unavailable) {
    $('stars').replaceChildren();
    return $('reviews').replaceChildren(unavailable('Reviews', reviews.unavailable));
  }
  const { summary, items } = reviews;
  $('stars').replaceChildren(
    h('span', { class: 'stars', 'aria-hidden': 'true' }, stars(summary.mean)),
    ` ${summary.mean.toFixed(1)} of 5, ${summary.count} reviews`,
  );
  const bars = summary.histogram
    .map((count, index) =>
      h(
        'li',
        {},
        h('span', {}, String(index + 1)),
        h('progress', { max: Math.max(1, summary.count), value: count, 'aria-label': `${index + 1} stars` }),
        h('span', {}, String(count)),
      ),
    )
    .toReversed();
  const list = items.map((review) =>
    h(
      'li',
      {},
      h(
        'span',
        { class: 'stars', role: 'img', 'aria-label': `${review.rating} of 5 stars` },
        stars(review.rating),
      ),
      h('h3', {}, review.title),
      h('p', {}, review.body),
      h(
        'p',
        { class: 'by' },
        `${review.author}, ${new Date(review.writtenAtMs).toLocaleDateString(undefined, { dateStyle: 'medium' })}`,
      ),
    ),
  );
  $('reviews').replaceChildren(
    h(
      'div',
      { class: 'reviews-grid' },
      h(
        'div',
        {},
        h('div', { class: 'mean' }, summary.mean.toFixed(1)),
        h('ul', { class: 'histogram' }, ...bars),
      ),
      h('ul', { class: 'review-list' }, ...list),
    ),
    h('p', { class: 'part-foot' }, badge(reviews.servedBy)),
  );
}

/** Every instance seen since the page was opened, by service; the one that answered last stands out. */
const seen = new Map();

function showServed(parts) {
  for (const [service, part] of parts) {
    const ids = seen.get(service) ?? new Set();
    seen.set(service, ids);
    if (part.servedBy) ids.add(part.servedBy);
  }
  const rows = parts.map(([service, part]) => {
    const badges = [...seen.get(service)].toSorted().map((id) => {
      const element = badge(id, id === part.servedBy ? part.tookMs : undefined);
      if (id !== part.servedBy) element.classList.add('quiet');
      return element;
    });
    return h(
      'li',
      {},
      h('span', { class: 'service' }, service),
      ...(badges.length > 0 ? badges : ['nobody']),
    );
  });
  $('served').replaceChildren(...rows);
}

async function get(path) {
  const response = await fetch(path, { signal: AbortSignal.timeout(5000) });
  const body = await response.json();
  if (!response.ok) throw new Error(body.error?.message ?? response.statusText);
  return body;
}

const asked = new URLSearchParams(location.search).get('product') ?? 'hp-aria';

async function showPage() {
  const page = await get(`/api/products/${encodeURIComponent(asked)}`);
  showProduct(page.product);
  showInventory(page.inventory);
  showReviews(page.reviews);
  showServed([
    ['product-detail', page.product],
    ['inventory', page.inventory],
    ['review', page.reviews],
  ]);
  return page;
}

async function showShelf(category) {
  const { products } = await get('/api/products?pageSize=100');
  const firsts = new Map();
  for (const product of products) if (!firsts.has(product.category)) firsts.set(product.category, product.id);
  const link = (id, current, ...children) =>
    h('a', { href: `/?product=${encodeURIComponent(id)}`, 'aria-current': current }, ...children);
  $('categories').replaceChildren(
    ...[...firsts].map(([name, id]) => link(id, name === category ? 'true' : undefined, name)),
  );
  const shelf = products.filter((product) => product.category === category);
  $('shelf').replaceChildren(
    ...shelf.map((product) =>
      h(
        'li',
        {},
        link(
          product.id,
          product.id === asked ? 'page' : undefined,
          h('div', { class: 'picture' }, drawing(category)),
          product.title,
        ),
      ),
    ),
  );
}

function showFailure(error) {
  $('title').textContent = 'The shop is not available right now';
  $('description').replaceChildren(h('span', { class: 'unavailable', role: 'alert' }, error.message));
}

let page;
async function refresh() {
  try {
    const first = page === undefined;
    page = await showPage();
    if (first) await showShelf(page.product.category);
  } catch (error) {
    if (page === undefined) showFailure(error);
  }
}

$('live').addEventListener('change', async ({ target }) => {
  while (target.checked) {
    await refresh();
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
});

await refresh();
// A shop that was not there yet may come: ask until it is.
while (page === undefined) {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await refresh();
}
