import { Module } from '@nestjs/common';
import { productContract } from '@rollcall/contracts';
import { runGrpcService } from '@rollcall/service-kit';
import { ProductController } from './product.controller.js';

@Module({ controllers: [ProductController] })
class ProductModule {}

await runGrpcService({ contract: productContract, module: ProductModule });
