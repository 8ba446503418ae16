import { inventoryContract } from '@rollcall/contracts';
import { runGrpcService } from '@rollcall/service-kit';
import { InventoryModule } from './inventory.module.js';

await runGrpcService({ contract: inventoryContract, module: InventoryModule });
