import { CategoryPage } from './category-page.js';
import { h, setText } from './element.js';
import { ProductPage } from './product-page.js';
import { Roll, store, stored } from './roll.js';
import { showCategories } from './shelf.js';

const everyMs = 1_000;
const timeoutMs = 5_000;

const main = document.getElementById('main');
const nav = document.getElementById('categories');
const live = document.getElementById('live');
const news = document.getElementById('news');
const roll = new Roll(document.getElementById('roll'));

const query = new URLSearchParams(location.search);
const category = query.get('category');
const productId = query.get('product') ?? 'hp-aria';

/** An answer that is an error: `status` is that of HTTP, and 0 when there was none. */
class Refused extends Error {
  constructor(status, { code, message }) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

async function get(path) {
  let response;
  try {
    response = await fetch(path, { signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    throw new Refused(0, { code: 'UNREACHABLE', message: String(error.message) });
  }
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  throw new Refused(
    response.status,
    body.error ?? { code: String(response.status), message: response.statusText },
  );
}

const getList = () => get('/api/products?pageSize=100');

/** Replaces what is in the page, but by the same thing only once. */
function put(...elements) {
  if (main.firstElementChild !== elements[0]) main.replaceChildren(...elements);
}

const productPage = new ProductPage();
let shelved = false;

/** Returns whether all there is to show is shown. */
async function showProduct() {
  const page = await get(`/api/products/${encodeURIComponent(productId)}`);
  productPage.show(page);
  put(...productPage.elements);
  roll.note('product-detail', page.product.servedBy);
  roll.note('inventory', page.inventory.servedBy);
  if (page.reviews.summary) roll.note('review', page.reviews.summary.servedBy);
  roll.note('review', page.reviews.servedBy);
  if (!shelved) {
    const { products } = await getList();
    const kind = products.filter((product) => product.category === page.product.category);
    showCategories(nav, products, page.product.category);
    productPage.showShelf(kind.filter(({ id }) => id !== page.id));
    shelved = true;
  }
  tell(page.degraded ? 'A part of this page cannot be shown right now.' : '');
  return !page.degraded;
}

const categoryPage = new CategoryPage();

async function showCategory() {
  const list = await getList();
  if (!nav.firstElementChild) showCategories(nav, list.products, category);
  if (!list.products.some((product) => product.category === category)) {
    throw new Refused(404, { code: 'NOT_FOUND', message: `there is no category "${category}"` });
  }
  categoryPage.show(category, list);
  put(...categoryPage.elements);
  roll.note('product-detail', list.servedBy);
  tell('');
  return true;
}

const failure = h('section', { class: 'failure' });

/** In place of a page that is not there yet; over one that is, a line. Returns whether asking again is of no use. */
async function showFailure({ status, code = 'INTERNAL', message }) {
  const final = status === 400 || status === 404;
  const title = final ? 'There is nothing here' : 'The shop is not available right now';
  if (!final) roll.note('product-detail', undefined);
  const overPage = !final && main.firstElementChild !== null && main.firstElementChild !== failure;
  tell(final ? title : `${title}. Asking again every second.`, overPage);
  if (overPage) return false;
  failure.replaceChildren(
    h('h1', {}, title),
    h(
      'p',
      { class: 'description' },
      final
        ? 'Have a look at the shelves instead.'
        : 'It comes back by itself: this page asks again every second.',
    ),
    h('p', { class: 'code' }, `${code}: ${message}`),
  );
  put(failure);
  if (final && !nav.firstElementChild)
    await getList().then(
      ({ products }) => showCategories(nav, products),
      () => {},
    );
  return final;
}

/** To those who listen, and, where the page itself does not say it, also to those who look. */
function tell(text, visible = false) {
  setText(news, text);
  news.className = visible ? 'news' : 'unseen';
}

let timer;
let asking = false;

/** Asks, shows, and asks again: every second if that is wished, or as long as something is missing. */
async function ask() {
  if (asking) return;
  asking = true;
  clearTimeout(timer);
  const complete = await (category === null ? showProduct() : showCategory()).catch(showFailure);
  roll.show();
  asking = false;
  if (live.checked || !complete) timer = setTimeout(ask, everyMs);
}

live.checked = stored('live') === 'yes';
live.addEventListener('change', () => {
  store('live', live.checked ? 'yes' : 'no');
  if (live.checked) void ask();
});

await ask();
