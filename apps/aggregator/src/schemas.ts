// What the answers look like, for the OpenAPI document.
const string = { type: 'string' } as const;
const integer = { type: 'integer' } as const;
const number = { type: 'number' } as const;
const boolean = { type: 'boolean' } as const;
const served = { servedBy: { ...string, description: 'Id of the instance that answered' }, tookMs: number };
const object = (properties: Record<string, object>) => ({ type: 'object' as const, properties });
const list = (items: object) => ({ type: 'array' as const, items });

const product = { title: string, brand: string, category: string, description: string, imageName: string };
const unavailable = object({
  unavailable: object({ code: { ...string, example: 'UNAVAILABLE' }, message: string }),
});
const money = object({ currencyCode: string, units: integer, nanos: integer });
const variant = object({
  sku: string,
  attributes: { type: 'object', additionalProperties: string },
  price: money,
  stock: integer,
});
const review = object({
  id: string,
  productId: string,
  author: string,
  rating: integer,
  title: string,
  body: string,
  writtenAtMs: integer,
});
const summary = object({ ...served, count: integer, mean: number, histogram: list(integer) });

export const errorSchema = object({ error: object({ code: string, message: string }) });

export const listSchema = object({
  ...served,
  products: list(object({ id: string, ...product })),
  nextPageToken: string,
});

export const pageSchema = object({
  id: string,
  degraded: { ...boolean, description: 'Whether a part is missing' },
  product: object({ ...served, ...product }),
  inventory: { oneOf: [object({ ...served, variants: list(variant) }), unavailable] },
  reviews: { oneOf: [object({ ...served, summary, items: list(review) }), unavailable] },
});

export const healthSchema = object({ status: { ...string, enum: ['ok'] } });

export const readinessSchema = object({
  ready: boolean,
  draining: { ...boolean, description: 'There, and true, once it is on its way out' },
  dependencies: {
    type: 'object',
    additionalProperties: object({
      instances: integer,
      reason: { ...string, description: 'Why there is none' },
    }),
  },
});
