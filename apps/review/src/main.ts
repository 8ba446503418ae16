import { Module } from '@nestjs/common';
import { reviewContract } from '@rollcall/contracts';
import { runGrpcService } from '@rollcall/service-kit';
import { ReviewController } from './review.controller.js';

@Module({ controllers: [ReviewController] })
class ReviewModule {}

await runGrpcService({ contract: reviewContract, module: ReviewModule });
