import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { inventoryContract, productContract, reviewContract } from '@rollcall/contracts';
import { ServiceDiscoveryModule } from '@rollcall/nest-discovery';
import { ServiceHealthIndicator } from '@rollcall/nest-discovery/health';
import { requestIdsInterceptor } from '@rollcall/service-kit';
import { AggregatorConfig } from './config.js';
import { ErrorFilter } from './error.filter.js';
import { HealthController } from './health.controller.js';
import { ProductsController } from './products.controller.js';
import { Shop } from './shop.js';

@Module({
  imports: [
    // Less than the request timeout, so that a page without reviews is still sent.
    ServiceDiscoveryModule.forClients([productContract, inventoryContract, reviewContract], {
      waitForReadyMs: 1_000,
      interceptors: [requestIdsInterceptor],
    }),
  ],
  controllers: [ProductsController, HealthController],
  providers: [
    Shop,
    ServiceHealthIndicator,
    { provide: AggregatorConfig, useFactory: () => new AggregatorConfig() },
    { provide: APP_FILTER, useClass: ErrorFilter },
  ],
})
export class AggregatorModule {}
