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

/** Until when an answer is wanted (ms since the Unix epoch), and what says that it no longer is. */
export interface Budget {
  readonly deadline: number;
  readonly signal: AbortSignal;
}

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

  /** Asks all services at once. Without the product there is no page; without the others it is degraded. */
  async page(id: string, budget: Budget): Promise<ProductPage> {
    const [product, inventory, reviews] = await Promise.all([
      this.#product(id, budget),
      optional(this.#inventory(id, budget)),
      optional(this.#reviews(id, budget)),
    ]);
    return {
      id,
      degraded: 'unavailable' in inventory || 'unavailable' in reviews,
      product,
      inventory,
      reviews,
    };
  }

  async list(pageSize: number, pageToken: string, budget: Budget): Promise<ProductList> {
    const { answer, ...by } = await served((onHeaders) =>
      this.products.listProducts({ pageSize, pageToken }, { ...budget, onHeaders }),
    );
    return { ...by, products: answer.products, nextPageToken: answer.nextPageToken };
  }

  async #product(id: string, budget: Budget): Promise<ProductPage['product']> {
    const { answer, ...by } = await served((onHeaders) =>
      this.products.getProduct({ id }, { ...budget, onHeaders }),
    );
    const { id: _, ...product } = answer.product!;
    return { ...by, ...product };
  }

  async #inventory(productId: string, budget: Budget): Promise<Served & Pick<Inventory, 'variants'>> {
    const { answer, ...by } = await served((onHeaders) =>
      this.inventories.getInventory({ productId }, { ...budget, onHeaders }),
    );
    return { ...by, variants: answer.inventory!.variants };
  }

  async #reviews(productId: string, budget: Budget): Promise<Exclude<ProductPage['reviews'], Unavailable>> {
    const [list, summary] = await Promise.all([
      served((onHeaders) =>
        this.reviews.listReviews({ productId, pageSize: reviewsShown }, { ...budget, onHeaders }),
      ),
      served((onHeaders) => this.reviews.getRatingSummary({ productId }, { ...budget, onHeaders })),
    ]);
    return {
      servedBy: list.servedBy,
      tookMs: list.tookMs,
      summary: { ...summary.answer.summary!, servedBy: summary.servedBy, tookMs: summary.tookMs },
      items: list.answer.reviews,
    };
  }
}
