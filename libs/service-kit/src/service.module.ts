import type { DynamicModule, Type } from '@nestjs/common';
import { DiscoveryModule } from '@rollcall/nest-discovery';
import type { ServiceConfig } from './config.js';

/** The module of a service, with the registry that its environment names. */
export function withDiscovery(module: Type, config: ServiceConfig): DynamicModule {
  return { module: ServiceModule, imports: [DiscoveryModule.forRoot({ url: config.registryUrl }), module] };
}

class ServiceModule {}
