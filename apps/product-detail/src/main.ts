import { productContract } from '@rollcall/contracts';
import { runGrpcService } from '@rollcall/service-kit';
import { ProductModule } from './product.module.js';

await runGrpcService({ contract: productContract, module: ProductModule });
