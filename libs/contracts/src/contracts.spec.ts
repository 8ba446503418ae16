import { readdirSync } from 'node:fs';
import { loadSync, type MessageTypeDefinition, type ServiceDefinition } from '@grpc/proto-loader';
import { describe, expect, it } from 'vitest';
import type { contract } from './contract.js';
import {
  type Inventory,
  inventoryContract,
  type ListReviewsRequest,
  productIdPattern,
  type Review,
  reviewContract,
  type WatchStockResponse,
} from './index.js';

type Contract = ReturnType<typeof contract>;

const services = readdirSync(new URL('services', import.meta.url)).map((file) => file.replace('.ts', ''));
const contracts = await Promise.all(
  services.map(async (service) => {
    const exported = (await import(`./services/${service}.ts`)) as Record<string, Contract>;
    return exported[`${service.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}Contract`]!;
  }),
);

describe.each(contracts)('the contract of $service', (contract) => {
  const definition = load(contract);
  const service = definition[`${contract.package}.${contract.grpcService}`] as ServiceDefinition;

  it('names a service of its .proto file', () => {
    expect(Object.keys(service)).not.toHaveLength(0);
  });

  it('marks every method that reads as NO_SIDE_EFFECTS, so that clients may retry it', () => {
    const reads = Object.entries(service).filter(([name]) => /^(Get|BatchGet|List|Watch)/.test(name));
    const levels = reads.map(([, { path, options }]) => [path, options?.idempotency_level]);
    expect(levels).not.toHaveLength(0);
    expect(levels).toEqual(levels.map(([path]) => [path, 'NO_SIDE_EFFECTS']));
  });
});

describe('a message decoded by the loader matches its generated type', () => {
  it('has camel-case names and 64-bit integers as numbers', () => {
    const sent: Partial<Review> = { productId: 'hp-aria', writtenAtMs: Date.UTC(2026, 8, 30) };
    expect(roundTrip(reviewContract, 'Review', sent)).toMatchObject(sent);
    const watched: WatchStockResponse = {
      levels: [{ sku: 'hp-aria-black', stock: 3 }],
      observedAtMs: 1_790_000_000_000,
    };
    expect(roundTrip(inventoryContract, 'WatchStockResponse', watched)).toEqual(watched);
  });

  it('has a default for every field that is not set', () => {
    const empty: ListReviewsRequest = { productId: '', pageSize: 0, pageToken: '' };
    expect(roundTrip(reviewContract, 'ListReviewsRequest', {})).toEqual(empty);
  });

  it('has maps, nested messages and lists', () => {
    const inventory: Inventory = {
      productId: 'hp-fern',
      variants: [
        {
          sku: 'hp-fern-beech',
          attributes: { wood: 'beech' },
          price: { currencyCode: 'EUR', units: 349, nanos: 900_000_000 },
          stock: 0,
        },
      ],
    };
    expect(roundTrip(inventoryContract, 'Inventory', inventory)).toEqual(inventory);
  });
});

describe('productIdPattern', () => {
  it.each(['hp-aria', '0', 'a'.repeat(64)])('accepts %j', (id) => expect(id).toMatch(productIdPattern));
  it.each(['', '-aria', 'Aria', 'hp aria', 'hp/aria', 'hp-aria\n', 'a'.repeat(65)])('rejects %j', (id) =>
    expect(id).not.toMatch(productIdPattern),
  );
});

function load({ protoPath, includeDirs, loader }: Contract) {
  return loadSync(protoPath, { ...loader, includeDirs: [...includeDirs] });
}

function roundTrip(contract: Contract, message: string, value: object): object {
  const type = load(contract)[`${contract.package}.${message}`] as MessageTypeDefinition<object, object>;
  return type.deserialize(type.serialize(value));
}
