import { BadRequestException, Controller, Get, Header, Param, Query } from '@nestjs/common';
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
import { parseInteger } from '@rollcall/service-kit';
import { timeoutHeader } from './request-deadlines.js';
import { errorSchema, listSchema, pageSchema } from './schemas.js';
import { type ProductList, type ProductPage, Shop } from './shop.js';

const maxPageSize = 100;

@ApiTags('shop')
@ApiHeader({
  name: timeoutHeader,
  required: false,
  description:
    'Timeout in milliseconds. It can shorten the timeout of the server (2000 by default), not extend it.',
  schema: { type: 'integer', minimum: 1 },
})
@ApiBadRequestResponse({ description: 'A parameter is invalid.', schema: errorSchema })
@ApiServiceUnavailableResponse({
  description: 'The product service is unavailable. Retry-After says when to retry.',
  schema: errorSchema,
})
@ApiGatewayTimeoutResponse({
  description: 'The product service did not respond in time.',
  schema: errorSchema,
})
@Controller('api/products')
export class ProductsController {
  constructor(private readonly shop: Shop) {}

  @Get()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'All products, in pages' })
  @ApiQuery({
    name: 'pageSize',
    required: false,
    description: 'Maximum number of products; 20 by default',
    schema: { type: 'integer', minimum: 1, maximum: maxPageSize },
  })
  @ApiQuery({
    name: 'pageToken',
    required: false,
    description: 'nextPageToken of the previous page',
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
  @ApiOperation({
    summary: 'One product with its inventory and reviews; an unavailable section is marked as such',
  })
  @ApiParam({ name: 'id', example: 'hp-aria', schema: { type: 'string', pattern: productIdPattern.source } })
  @ApiOkResponse({ schema: pageSchema })
  @ApiNotFoundResponse({ description: 'The product does not exist.', schema: errorSchema })
  page(@Param('id') id: string): Promise<ProductPage> {
    if (!productIdPattern.test(id)) {
      throw new BadRequestException(
        `invalid product id ${JSON.stringify(id.slice(0, 80))}: use 1 to 64 of a-z, 0-9 and "-"`,
      );
    }
    return this.shop.page(id);
  }
}

function parsePageSize(text: string | undefined): number {
  if (text === undefined) return 0;
  const size = parseInteger(text);
  if (!(size >= 1 && size <= maxPageSize)) {
    throw new BadRequestException(
      `invalid pageSize ${JSON.stringify(text.slice(0, 20))}: use 1 to ${maxPageSize}`,
    );
  }
  return size;
}
