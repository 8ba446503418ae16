/** The product page as one writes it by hand: four calls over fixed addresses, each with a deadline. */
import {
  type CallOptions,
  type Client,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type requestCallback,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { inventoryContract, productContract, reviewContract } from '@rollcall/contracts';
import type {
  GetInventoryResponse,
  GetProductResponse,
  GetRatingSummaryResponse,
  ListReviewsResponse,
} from '@rollcall/contracts';
import { type GrpcContract, loadContract } from '@rollcall/discovery/grpc';
import type { ServiceAddresses } from './messages.js';

const timeoutMs = 2_000;
const reviewsPerPage = 6;

type UnaryMethod<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: CallOptions,
  callback: requestCallback<Response>,
) => ClientUnaryCall;

/** Returns a function that responds with the page of a product, as an object. */
export function productPages(addresses: ServiceAddresses): (id: string) => Promise<object> {
  const products = connect(productContract, addresses.product);
  const inventories = connect(inventoryContract, addresses.inventory);
  const reviews = connect(reviewContract, addresses.review);
  const getProduct = timed<{ id: string }, GetProductResponse>(products.GetProduct.bind(products));
  const getInventory = timed<{ productId: string }, GetInventoryResponse>(
    inventories.GetInventory.bind(inventories),
  );
  const listReviews = timed<{ productId: string; pageSize: number }, ListReviewsResponse>(
    reviews.ListReviews.bind(reviews),
  );
  const getSummary = timed<{ productId: string }, GetRatingSummaryResponse>(
    reviews.GetRatingSummary.bind(reviews),
  );

  return async (id) => {
    const [product, inventory, reviewSection] = await Promise.all([
      getProduct({ id }),
      getInventory({ productId: id }).then(
        ({ servedBy, tookMs, response }) => ({ servedBy, tookMs, variants: response.inventory!.variants }),
        unavailable,
      ),
      Promise.all([
        listReviews({ productId: id, pageSize: reviewsPerPage }),
        getSummary({ productId: id }),
      ]).then(
        ([list, summary]) => ({
          servedBy: list.servedBy,
          tookMs: list.tookMs,
          summary: { servedBy: summary.servedBy, tookMs: summary.tookMs, ...summary.response.summary! },
          items: list.response.reviews,
        }),
        unavailable,
      ),
    ]);
    const { id: _, ...fields } = product.response.product!;
    return {
      id,
      degraded: 'unavailable' in inventory || 'unavailable' in reviewSection,
      product: { servedBy: product.servedBy, tookMs: product.tookMs, ...fields },
      inventory,
      reviews: reviewSection,
    };
  };
}

function connect<C>(contract: GrpcContract & { readonly client?: C }, addresses: readonly string[]): C {
  const { Client } = loadContract(contract);
  const client: Client = new Client(`ipv4:${addresses.join(',')}`, credentials.createInsecure(), {
    'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  });
  return client as C;
}

interface Timed<Response> {
  readonly response: Response;
  readonly servedBy: string;
  readonly tookMs: number;
}

function timed<Request, Response>(method: UnaryMethod<Request, Response>) {
  return (request: Request): Promise<Timed<Response>> =>
    new Promise((resolve, reject) => {
      const startedAt = performance.now();
      let servedBy = '';
      const call = method(
        request,
        new Metadata(),
        { deadline: Date.now() + timeoutMs },
        (error, response) => {
          const tookMs = Math.round((performance.now() - startedAt) * 10) / 10;
          if (error) reject(error);
          else resolve({ response: response!, servedBy, tookMs });
        },
      );
      call.on('metadata', (headers) => (servedBy = String(headers.get('x-instance-id')[0] ?? '')));
    });
}

function unavailable(error: ServiceError) {
  return { unavailable: { code: status[error.code], message: error.details } };
}
