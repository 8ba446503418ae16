import { Controller } from '@nestjs/common';
import { GrpcMethod, GrpcNotFoundException } from '@nestjs/microservices';
import {
  type GetProductRequest,
  type GetProductResponse,
  type ListProductsRequest,
  type ListProductsResponse,
  productIdPattern,
} from '@rollcall/contracts';
import { assertFieldMatches, paginate } from '@rollcall/service-kit';
import { products, productsById } from './products.js';

@Controller()
export class ProductController {
  @GrpcMethod('ProductService', 'GetProduct')
  getProduct({ id }: GetProductRequest): GetProductResponse {
    assertFieldMatches('id', id, productIdPattern);
    const product = productsById.get(id);
    if (!product) throw new GrpcNotFoundException(`product "${id}" not found`);
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
