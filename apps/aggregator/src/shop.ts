import { Injectable, NotFoundException } from '@nestjs/common';
import {
  type Inventory,
  inventoryContract,
  type InventoryServiceClient,
  type Product,
  productContract,
  type ProductServiceClient,
  type RatingSummary,
  type Review,
  reviewContract,
  type ReviewServiceClient,
} from '@rollcall/contracts';
import { type GrpcClient, InjectGrpcClient } from '@rollcall/nest-discovery';
import { type CallInfo, orUnavailable, timedCall, type Unavailable, UpstreamError } from './upstream-call.js';

export interface ProductPage {
  readonly id: string;
  /** Whether a section is unavailable. */
  readonly degraded: boolean;
  readonly product: CallInfo & Omit<Product, 'id'>;
  readonly inventory: (CallInfo & Pick<Inventory, 'variants'>) | Unavailable;
  readonly reviews:
    | (CallInfo & { readonly summary: RatingSummary & CallInfo; readonly items: readonly Review[] })
    | Unavailable;
}

export interface ProductList extends CallInfo {
  readonly products: readonly Product[];
  readonly nextPageToken: string;
}

/** The page shows the newest reviews only. */
const reviewsPerPage = 6;

/** Aggregates the shop from its three services. */
@Injectable()
export class Shop {
  constructor(
    @InjectGrpcClient(productContract) private readonly products: GrpcClient<ProductServiceClient>,
    @InjectGrpcClient(inventoryContract) private readonly inventories: GrpcClient<InventoryServiceClient>,
    @InjectGrpcClient(reviewContract) private readonly reviews: GrpcClient<ReviewServiceClient>,
  ) {}

  /**
   * Calls all services concurrently. The product is required; without inventory or reviews the page is degraded.
   * @throws {NotFoundException} for an unknown product; {UpstreamError} if the product is unavailable.
   */
  async page(id: string): Promise<ProductPage> {
    const [product, inventory, reviews] = await Promise.all([
      this.#product(id),
      orUnavailable(this.#inventory(id)),
      orUnavailable(this.#reviews(id)),
    ]);
    return {
      id,
      degraded: 'unavailable' in inventory || 'unavailable' in reviews,
      product,
      inventory,
      reviews,
    };
  }

  /** @throws {UpstreamError} if the product service fails. */
  async list(pageSize: number, pageToken: string): Promise<ProductList> {
    const { response, servedBy, tookMs } = await timedCall(productContract.service, (onHeaders) =>
      this.products.listProducts({ pageSize, pageToken }, { onHeaders }),
    );
    return { servedBy, tookMs, products: response.products, nextPageToken: response.nextPageToken };
  }

  async #product(id: string): Promise<ProductPage['product']> {
    const { response, servedBy, tookMs } = await timedCall(productContract.service, (onHeaders) =>
      this.products.getProduct({ id }, { onHeaders }),
    ).catch((error: unknown) => {
      const notFound = error instanceof UpstreamError && error.code === 'NOT_FOUND';
      throw notFound ? new NotFoundException(`product "${id}" not found`) : error;
    });
    const { id: _, ...product } = response.product!;
    return { servedBy, tookMs, ...product };
  }

  async #inventory(productId: string): Promise<CallInfo & Pick<Inventory, 'variants'>> {
    const { response, servedBy, tookMs } = await timedCall(inventoryContract.service, (onHeaders) =>
      this.inventories.getInventory({ productId }, { onHeaders }),
    );
    return { servedBy, tookMs, variants: response.inventory!.variants };
  }

  async #reviews(productId: string): Promise<Exclude<ProductPage['reviews'], Unavailable>> {
    const [list, summary] = await Promise.all([
      timedCall(reviewContract.service, (onHeaders) =>
        this.reviews.listReviews({ productId, pageSize: reviewsPerPage }, { onHeaders }),
      ),
      timedCall(reviewContract.service, (onHeaders) =>
        this.reviews.getRatingSummary({ productId }, { onHeaders }),
      ),
    ]);
    return {
      servedBy: list.servedBy,
      tookMs: list.tookMs,
      summary: { servedBy: summary.servedBy, tookMs: summary.tookMs, ...summary.response.summary! },
      items: list.response.reviews,
    };
  }
}
