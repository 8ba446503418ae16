import { Module } from '@nestjs/common';
import { inventoryContract } from '@rollcall/contracts';
import { runGrpcService } from '@rollcall/service-kit';
import { InventoryController } from './inventory.controller.js';

@Module({ controllers: [InventoryController] })
class InventoryModule {}

await runGrpcService({
  contract: inventoryContract,
  module: InventoryModule,
  longLivedStreams: ['WatchStock'],
});
