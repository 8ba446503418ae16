import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ShopApp, shopApp } from './fixtures/shop-app.js';

let shop: ShopApp;
beforeAll(async () => {
  shop = await shopApp({}, {});
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

/** Where an answer and its description differ: in a type, or in what the one has and the other has not. */
function differences(answer: unknown, schema: Schema, path = ''): string[] {
  if (schema.oneOf) {
    const found = schema.oneOf.map((alternative) => differences(answer, alternative, path));
    return found.find(({ length }) => length === 0) ?? found[0] ?? [];
  }
  const type = Array.isArray(answer) ? 'array' : Number.isInteger(answer) ? 'integer' : typeof answer;
  const fits = type === schema.type || (type === 'integer' && schema.type === 'number');
  if (!fits) return [`${path} is ${type}, not ${schema.type}`];
  if (Array.isArray(answer)) {
    return answer.flatMap((item, index) => differences(item, schema.items ?? {}, `${path}[${index}]`));
  }
  if (typeof answer !== 'object' || answer === null) return [];
  const { properties = {}, additionalProperties } = schema;
  const undocumented = Object.entries(answer).flatMap(([key, value]) => {
    const described = properties[key] ?? additionalProperties;
    return described ? differences(value, described, `${path}.${key}`) : [`${path}.${key} is not described`];
  });
  const absent = Object.keys(properties).filter((key) => !(key in answer));
  return [...undocumented, ...absent.map((key) => `${path}.${key} is not there`)];
}

describe('the OpenAPI document', () => {
  it.each([
    ['/api/products', '/api/products', 200],
    ['/api/products/{id}', '/api/products/hp-aria', 200],
    ['/api/products/{id}', '/api/products/NO', 400],
    ['/healthz', '/healthz', 200],
    ['/readyz', '/readyz', 200],
  ])('%s is what %s answers with %i', async (path, url, status) => {
    const { paths } = (await shop.get('/docs-json')).body as Document;
    const described = paths[path]?.get.responses[status]?.content['application/json'].schema;
    const answer = await shop.get(url);
    expect(answer.status).toBe(status);
    // Both are there only of what is not ready.
    const found = differences(answer.body, described ?? {}).filter(
      (difference) => !difference.includes('.reason') && !difference.includes('.draining'),
    );
    expect(found).toEqual([]);
  });

  it('is shown at /docs, with scripts and styles of our own', async () => {
    const { status, headers, text } = await shop.get('/docs');
    expect(status).toBe(200);
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
