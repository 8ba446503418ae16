import { Injectable } from '@nestjs/common';
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
import { optional, type Served, served, type Unavailable } from './part.js';

export interface ProductPage {
  readonly id: string;
  /** Whether a part is missing. */
  readonly degraded: boolean;
  readonly product: Served & Omit<Product, 'id'>;
  readonly inventory: (Served & Pick<Inventory, 'variants'>) | Unavailable;
  readonly reviews:
    (Served & { readonly summary: RatingSummary & Served; readonly items: readonly Review[] }) | Unavailable;
}

export interface ProductList extends Served {
  readonly products: readonly Product[];
  readonly nextPageToken: string;
}

/** How many reviews the page shows. */
const reviewsShown = 6;

/** The shop, put together from its three services. */
@Injectable()
export class Shop {
  constructor(
    @InjectGrpcClient(productContract) private readonly products: GrpcClient<ProductServiceClient>,
    @InjectGrpcClient(inventoryContract) private readonly inventories: GrpcClient<InventoryServiceClient>,
    @InjectGrpcClient(reviewContract) private readonly reviews: GrpcClient<ReviewServiceClient>,
  ) {}

  /**
   * Asks all services at once. Without the product there is no page; without the others it is degraded.
   * @throws {CallFailure} when the product cannot be had.
   */
  async page(id: string): Promise<ProductPage> {
    const [product, inventory, reviews] = await Promise.all([
      this.#product(id),
      optional(this.#inventory(id)),
      optional(this.#reviews(id)),
    ]);
    return {
      id,
      degraded: 'unavailable' in inventory || 'unavailable' in reviews,
      product,
      inventory,
      reviews,
    };
  }

  /** @throws {CallFailure} when the list cannot be had. */
  async list(pageSize: number, pageToken: string): Promise<ProductList> {
    const { answer, ...by } = await served(productContract.service, (onHeaders) =>
      this.products.listProducts({ pageSize, pageToken }, { onHeaders }),
    );
    return { ...by, products: answer.products, nextPageToken: answer.nextPageToken };
  }

  async #product(id: string): Promise<ProductPage['product']> {
    const { answer, ...by } = await served(productContract.service, (onHeaders) =>
      this.products.getProduct({ id }, { onHeaders }),
    );
    const { id: _, ...product } = answer.product!;
    return { ...by, ...product };
  }

  async #inventory(productId: string): Promise<Served & Pick<Inventory, 'variants'>> {
    const { answer, ...by } = await served(inventoryContract.service, (onHeaders) =>
      this.inventories.getInventory({ productId }, { onHeaders }),
    );
    return { ...by, variants: answer.inventory!.variants };
  }

  async #reviews(productId: string): Promise<Exclude<ProductPage['reviews'], Unavailable>> {
    const [list, summary] = await Promise.all([
      served(reviewContract.service, (onHeaders) =>
        this.reviews.listReviews({ productId, pageSize: reviewsShown }, { onHeaders }),
      ),
      served(reviewContract.service, (onHeaders) =>
        this.reviews.getRatingSummary({ productId }, { onHeaders }),
      ),
    ]);
    return {
      servedBy: list.servedBy,
      tookMs: list.tookMs,
      summary: { ...summary.answer.summary!, servedBy: summary.servedBy, tookMs: summary.tookMs },
      items: list.answer.reviews,
    };
  }
}
