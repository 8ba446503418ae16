// The schemas of the responses in the OpenAPI document.
const string = { type: 'string' } as const;
const integer = { type: 'integer' } as const;
const number = { type: 'number' } as const;
const boolean = { type: 'boolean' } as const;
const callInfo = {
  servedBy: { ...string, description: 'Id of the instance that responded' },
  tookMs: number,
};
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
const summary = object({ ...callInfo, count: integer, mean: number, histogram: list(integer) });

export const errorSchema = object({ error: object({ code: string, message: string }) });

export const listSchema = object({
  ...callInfo,
  products: list(object({ id: string, ...product })),
  nextPageToken: string,
});

export const pageSchema = object({
  id: string,
  degraded: { ...boolean, description: 'Whether a section is unavailable' },
  product: object({ ...callInfo, ...product }),
  inventory: { oneOf: [object({ ...callInfo, variants: list(variant) }), unavailable] },
  reviews: { oneOf: [object({ ...callInfo, summary, items: list(review) }), unavailable] },
});

export const healthSchema = object({ status: { ...string, enum: ['ok'] } });

export const readinessSchema = object({
  ready: boolean,
  draining: { ...boolean, description: 'Present and true during shutdown' },
  dependencies: {
    type: 'object',
    additionalProperties: object({
      required: { ...boolean, description: 'Whether no page can be shown without the service' },
      connected: { ...boolean, description: 'Whether an instance is connected' },
      registered: { ...integer, description: 'Number of known instances' },
      source: {
        ...string,
        description: 'Where the instances are known from',
        enum: ['none', 'static', 'live', 'last-known-good', 'snapshot'],
      },
      ageMs: { ...integer, description: 'How long ago the source changed' },
      reason: { ...string, description: 'Code of the reason why the registry is unavailable' },
    }),
  },
});
