import { Controller } from '@nestjs/common';
import { GrpcMethod, GrpcNotFoundException } from '@nestjs/microservices';
import {
  type GetProductRequest,
  type GetProductResponse,
  type ListProductsRequest,
  type ListProductsResponse,
  type Product,
  productIdShape,
} from '@rollcall/contracts';
import { assertFieldMatches, paginate } from '@rollcall/service-kit';
import { products } from './products.js';

const byId = new Map<string, Product>(products.map((product) => [product.id, product]));

@Controller()
export class ProductController {
  @GrpcMethod('ProductService', 'GetProduct')
  getProduct({ id }: GetProductRequest): GetProductResponse {
    assertFieldMatches('id', id, productIdShape);
    const product = byId.get(id);
    if (!product) throw new GrpcNotFoundException(`there is no product "${id}"`);
    return { product };
  }

  @GrpcMethod('ProductService', 'ListProducts')
  listProducts({ pageSize, pageToken }: ListProductsRequest): ListProductsResponse {
    const { items, nextPageToken } = paginate(products, {
      pageSize,
      pageToken,
      defaultSize: 20,
      maxSize: 100,
    });
    return { products: items, nextPageToken };
  }
}
