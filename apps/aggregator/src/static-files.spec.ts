import { extname } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ShopApp, shopApp } from './fixtures/shop-app.js';

let shop: ShopApp;
beforeAll(async () => {
  shop = await shopApp();
});
afterAll(() => shop.app.close());

const contentTypes: Readonly<Record<string, string>> = {
  '': 'text/html',
  css: 'text/css',
  js: 'application/javascript',
  svg: 'image/svg+xml',
};

/** Links, imports and CSS urls. */
const references = /(?:src|href)="(?<attribute>[^"#]+)"|from '(?<module>[^']+)'|url\('(?<url>[^']+)'\)/g;

/** All files that `path` refers to, directly or indirectly, with their text. */
async function crawl(path: string, found = new Map<string, string>()): Promise<Map<string, string>> {
  if (found.has(path)) return found;
  const { status, headers, text } = await shop.get(path);
  expect({ path, status }).toEqual({ path, status: 200 });
  expect(headers['content-type']).toContain(contentTypes[extname(path).slice(1)]);
  found.set(path, text);
  for (const { groups } of text.matchAll(references)) {
    const target = groups?.['attribute'] ?? groups?.['module'] ?? groups?.['url'] ?? '';
    const { pathname } = new URL(target, `http://shop${path}`);
    if (extname(pathname)) await crawl(pathname, found);
  }
  return found;
}

it('the page refers to local files only, and all of them are served', async () => {
  const files = await crawl('/');
  expect([...files.keys()]).toEqual(
    expect.arrayContaining([
      '/scripts/shop.js',
      '/scripts/picture.js',
      '/styles/base.css',
      '/icons/star.svg',
    ]),
  );
  for (const [path, text] of files) {
    const external = text
      .replaceAll('http://www.w3.org/2000/svg', '')
      .match(/(?:https?:)?\/\/[a-z0-9-]+\.[a-z]+/gi);
    expect({ path, external }).toEqual({ path, external: null });
  }
});

it('the page has no inline scripts or styles, as its content security policy demands', async () => {
  const { text, headers } = await shop.get('/');
  expect(headers['content-security-policy']).toContain("default-src 'self'");
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(text).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/i);
});

it('pictures are served as SVG', async () => {
  const { status, headers } = await shop.get('/pictures/hp-aria.svg');
  expect(status).toBe(200);
  expect(headers['content-type']).toContain('image/svg+xml');
});

it('an unchanged file is revalidated with 304', async () => {
  const { headers } = await shop.get('/scripts/shop.js');
  expect(headers['cache-control']).toBe('no-cache');
  const again = await shop.get('/scripts/shop.js', { 'if-none-match': String(headers['etag']) });
  expect(again).toMatchObject({ status: 304, text: '' });
});
