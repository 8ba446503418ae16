import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ShopApp, shopApp } from './fixtures/shop-app.js';

let shop: ShopApp;
beforeAll(async () => {
  shop = await shopApp();
});
afterAll(() => shop.app.close());

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
}

interface Document {
  readonly paths: Readonly<
    Record<
      string,
      { get: { responses: Record<string, { content: { 'application/json': { schema: Schema } } }> } }
    >
  >;
}

/** Where a response differs from its schema: wrong types, undocumented and missing properties. */
function differences(response: unknown, schema: Schema, path = ''): string[] {
  if (schema.oneOf) {
    const found = schema.oneOf.map((alternative) => differences(response, alternative, path));
    return found.find(({ length }) => length === 0) ?? found[0] ?? [];
  }
  const type = Array.isArray(response) ? 'array' : Number.isInteger(response) ? 'integer' : typeof response;
  const matches = type === schema.type || (type === 'integer' && schema.type === 'number');
  if (!matches) return [`${path} is ${type}, not ${schema.type}`];
  if (Array.isArray(response)) {
    return response.flatMap((item, index) => differences(item, schema.items ?? {}, `${path}[${index}]`));
  }
  if (typeof response !== 'object' || response === null) return [];
  const { properties = {}, additionalProperties } = schema;
  const undocumented = Object.entries(response).flatMap(([key, value]) => {
    const documented = properties[key] ?? additionalProperties;
    return documented
      ? differences(value, documented, `${path}.${key}`)
      : [`${path}.${key} is not documented`];
  });
  const missing = Object.keys(properties).filter((key) => !(key in response));
  return [...undocumented, ...missing.map((key) => `${path}.${key} is missing`)];
}

describe('the OpenAPI document', () => {
  it.each([
    ['/api/products', '/api/products', 200],
    ['/api/products/{id}', '/api/products/hp-aria', 200],
    ['/api/products/{id}', '/api/products/NO', 400],
    ['/healthz', '/healthz', 200],
    ['/readyz', '/readyz', 200],
  ])('describes %s as %s responds with %i', async (path, url, status) => {
    const { paths } = (await shop.get('/docs-json')).body as Document;
    const documented = paths[path]?.get.responses[status]?.content['application/json'].schema;
    const response = await shop.get(url);
    expect(response.status).toBe(status);
    // Both are present only if the aggregator is not ready.
    const found = differences(response.body, documented ?? {}).filter(
      (difference) => !difference.includes('.reason') && !difference.includes('.draining'),
    );
    expect(found).toEqual([]);
  });

  it('is not served with API_DOCS=off', async () => {
    const other = await shopApp({}, { env: { API_DOCS: 'off' } });
    expect((await other.get('/docs')).status).toBe(404);
    expect((await other.get('/docs-json')).status).toBe(404);
    await other.app.close();
  });

  it('is served at /docs, with local scripts and styles only', async () => {
    const { status, headers, text } = await shop.get('/docs');
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    expect(text).not.toMatch(/<script(?![^>]*\ssrc=)|\son\w+=/i);
    expect(headers['content-type']).toContain('text/html');
    const files = [...text.matchAll(/(?:src|href)="(?<file>[^"]+)"/g)].map(
      ({ groups }) => groups?.['file'] ?? '',
    );
    expect(files).toEqual(expect.arrayContaining([expect.stringContaining('swagger-ui-bundle.js')]));
    for (const file of files) {
      const { pathname, host } = new URL(file, 'http://shop/docs');
      expect(host).toBe('shop');
      expect({ pathname, status: (await shop.get(pathname)).status }).toEqual({ pathname, status: 200 });
    }
  });
});
