import { reviewContract } from '@rollcall/contracts';
import { runGrpcService } from '@rollcall/service-kit';
import { ReviewModule } from './review.module.js';

await runGrpcService({ contract: reviewContract, module: ReviewModule });
