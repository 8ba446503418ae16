import { type DynamicModule, Inject, Module, type OnModuleDestroy, type Type } from '@nestjs/common';
import { ServiceDiscoveryModule } from '@rollcall/nest-discovery';
import type { ServiceConfig } from './config.js';
import { GracefulShutdown } from './lifecycle/graceful-shutdown.js';

/** The module of a service, with the registry that its environment names, and what there is to import besides. */
export function serviceModule(
  module: Type,
  config: ServiceConfig,
  drain: GracefulShutdown,
  imports: readonly DynamicModule[] = [],
): DynamicModule {
  return {
    module: ServiceModule,
    imports: [
      ServiceDiscoveryModule.forRoot({ url: config.registryUrl }),
      {
        module: DrainModule,
        global: true,
        providers: [{ provide: GracefulShutdown, useValue: drain }],
        exports: [GracefulShutdown],
      },
      ...imports,
      module,
    ],
  };
}

/** Tells whoever injects `GracefulShutdown` whether the application is on its way out. */
@Module({})
class DrainModule {}

@Module({})
class ServiceModule implements OnModuleDestroy {
  constructor(@Inject(GracefulShutdown) private readonly drain: GracefulShutdown) {}

  /** The first hook of all on the way out, because this is the root module and not a global one: those come last. */
  async onModuleDestroy(): Promise<void> {
    await this.drain.run('the application was closed');
  }
}
