import { CategoryPage } from './category-page.js';
import { h, setText } from './element.js';
import { InstanceList } from './instances.js';
import { ProductPage } from './product-page.js';
import { showCategories } from './product-tiles.js';
import { readSession, writeSession } from './session-store.js';

const refreshIntervalMs = 1_000;
const timeoutMs = 5_000;

const main = document.getElementById('main');
const nav = document.getElementById('categories');
const autoRefresh = document.getElementById('auto-refresh');
const statusMessage = document.getElementById('status-message');
const instances = new InstanceList(document.getElementById('instances'));

const query = new URLSearchParams(location.search);
const category = query.get('category');
const productId = query.get('product') ?? 'hp-aria';

/** An error response; `status` is the HTTP status, or 0 without a response. */
class ApiError extends Error {
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
    throw new ApiError(0, { code: 'UNREACHABLE', message: String(error.message) });
  }
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  throw new ApiError(
    response.status,
    body.error ?? { code: String(response.status), message: response.statusText },
  );
}

const getProducts = () => get('/api/products?pageSize=100');

/** Replaces the content of the page, unless it is shown already. */
function showPage(...elements) {
  if (main.firstElementChild !== elements[0]) main.replaceChildren(...elements);
}

const productPage = new ProductPage();
let relatedShown = false;

/** Returns whether every section is shown. */
async function loadProduct() {
  const page = await get(`/api/products/${encodeURIComponent(productId)}`);
  productPage.show(page);
  showPage(...productPage.elements);
  instances.record('product-detail', page.product.servedBy);
  instances.record('inventory', page.inventory.servedBy);
  if (page.reviews.summary) instances.record('review', page.reviews.summary.servedBy);
  instances.record('review', page.reviews.servedBy);
  if (!relatedShown) {
    const { products } = await getProducts();
    const sameCategory = products.filter((product) => product.category === page.product.category);
    showCategories(nav, products, page.product.category);
    productPage.showRelated(sameCategory.filter(({ id }) => id !== page.id));
    relatedShown = true;
  }
  showStatus(page.degraded ? 'A section of this page is unavailable right now.' : '');
  return !page.degraded;
}

const categoryPage = new CategoryPage();

async function loadCategory() {
  const list = await getProducts();
  if (!nav.firstElementChild) showCategories(nav, list.products, category);
  if (!list.products.some((product) => product.category === category)) {
    throw new ApiError(404, { code: 'NOT_FOUND', message: `category "${category}" not found` });
  }
  categoryPage.show(category, list);
  showPage(...categoryPage.elements);
  instances.record('product-detail', list.servedBy);
  showStatus('');
  return true;
}

const errorPage = h('section', { class: 'error-page' });

/**
 * Shows an error instead of a page that has not loaded yet, or as a message over one that has. Returns whether the
 * error is permanent.
 */
async function showError({ status, code = 'INTERNAL', message }) {
  const permanent = status === 400 || status === 404;
  const title = permanent ? 'Page not found' : 'The shop is unavailable right now';
  if (!permanent) instances.record('product-detail', undefined);
  const pageLoaded = main.firstElementChild !== null && main.firstElementChild !== errorPage;
  const overPage = !permanent && pageLoaded;
  showStatus(permanent ? title : `${title}. Retrying every second.`, overPage);
  if (overPage) return false;
  errorPage.replaceChildren(
    h('h1', {}, title),
    h(
      'p',
      { class: 'description' },
      permanent ? 'Choose a category instead.' : 'It returns by itself: this page retries every second.',
    ),
    h('p', { class: 'code' }, `${code}: ${message}`),
  );
  showPage(errorPage);
  if (permanent && !nav.firstElementChild)
    await getProducts().then(
      ({ products }) => showCategories(nav, products),
      () => {},
    );
  return permanent;
}

/** Announces a message to screen readers; it is `visible` only if the page does not show the problem itself. */
function showStatus(text, visible = false) {
  setText(statusMessage, text);
  statusMessage.className = visible ? 'status-message' : 'visually-hidden';
}

let timer;
let loading = false;

/** Repeats every second with auto-refresh on, and as long as a section is unavailable. */
async function refresh() {
  if (loading) return;
  loading = true;
  clearTimeout(timer);
  const complete = await (category === null ? loadProduct() : loadCategory()).catch(showError);
  instances.render();
  loading = false;
  if (autoRefresh.checked || !complete) timer = setTimeout(refresh, refreshIntervalMs);
}

autoRefresh.checked = readSession('auto-refresh') === true;
autoRefresh.addEventListener('change', () => {
  writeSession('auto-refresh', autoRefresh.checked);
  if (autoRefresh.checked) void refresh();
});

await refresh();
