import { BadRequestException, Controller, Get, Header, Param, Query, UseInterceptors } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiGatewayTimeoutResponse,
  ApiHeader,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import { productIdPattern } from '@rollcall/contracts';
import { BudgetInterceptor, timeoutHeader } from './budget.js';
import { errorSchema, listSchema, pageSchema } from './schemas.js';
import { type ProductList, type ProductPage, Shop } from './shop.js';

const maxPageSize = 100;

@ApiTags('shop')
@ApiHeader({
  name: timeoutHeader,
  required: false,
  description:
    'How long the answer may take, in milliseconds; at most what the server is set to (2000 unless changed).',
  schema: { type: 'integer', minimum: 1 },
})
@ApiBadRequestResponse({ description: 'A parameter is malformed.', schema: errorSchema })
@ApiServiceUnavailableResponse({
  description: 'The product service cannot be had now. Retry-After says when to ask again.',
  schema: errorSchema,
})
@ApiGatewayTimeoutResponse({
  description: 'The product service did not answer in time.',
  schema: errorSchema,
})
@UseInterceptors(BudgetInterceptor)
@Controller('api/products')
export class ProductsController {
  constructor(private readonly shop: Shop) {}

  @Get()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'All products, a page at a time' })
  @ApiQuery({
    name: 'pageSize',
    required: false,
    description: 'How many products at most; default 20',
    schema: { type: 'integer', minimum: 1, maximum: maxPageSize },
  })
  @ApiQuery({
    name: 'pageToken',
    required: false,
    description: 'nextPageToken of the page before',
    schema: { type: 'string' },
  })
  @ApiOkResponse({ schema: listSchema })
  list(
    @Query('pageSize') pageSize: string | undefined,
    @Query('pageToken') pageToken: string | undefined,
  ): Promise<ProductList> {
    return this.shop.list(parsePageSize(pageSize), pageToken ?? '');
  }

  @Get(':id')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'One product with its inventory and reviews; a part that cannot be had says so' })
  @ApiParam({ name: 'id', example: 'hp-aria', schema: { type: 'string', pattern: productIdPattern.source } })
  @ApiOkResponse({ schema: pageSchema })
  @ApiNotFoundResponse({ description: 'There is no such product.', schema: errorSchema })
  page(@Param('id') id: string): Promise<ProductPage> {
    if (!productIdPattern.test(id)) {
      throw new BadRequestException(
        `product id ${JSON.stringify(id.slice(0, 80))} is not usable; use 1 to 64 of a-z, 0-9 and "-"`,
      );
    }
    return this.shop.page(id);
  }
}

function parsePageSize(text: string | undefined): number {
  if (text === undefined) return 0;
  const size = Number(text);
  if (!Number.isInteger(size) || size < 1 || size > maxPageSize) {
    throw new BadRequestException(
      `pageSize ${JSON.stringify(text.slice(0, 20))} is not usable; use 1 to ${maxPageSize}`,
    );
  }
  return size;
}
