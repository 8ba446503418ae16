import { type DynamicModule, Inject, Module, type OnModuleDestroy, type Type } from '@nestjs/common';
import { GracefulShutdown } from '@rollcall/discovery';
import { ServiceDiscoveryModule } from '@rollcall/nest-discovery';
import type { ServiceConfig } from './config.js';

/** The root module of a service: its own module, the registry of its configuration, and `GracefulShutdown`. */
export function serviceModule(
  module: Type,
  config: ServiceConfig,
  shutdown: GracefulShutdown,
  imports: readonly DynamicModule[] = [],
): DynamicModule {
  return {
    module: ServiceModule,
    imports: [
      ServiceDiscoveryModule.forRoot({ url: config.registryUrl }),
      {
        module: GracefulShutdownModule,
        global: true,
        providers: [{ provide: GracefulShutdown, useValue: shutdown }],
        exports: [GracefulShutdown],
      },
      ...imports,
      module,
    ],
  };
}

@Module({})
class GracefulShutdownModule {}

@Module({})
class ServiceModule implements OnModuleDestroy {
  constructor(@Inject(GracefulShutdown) private readonly shutdown: GracefulShutdown) {}

  /** Nest runs the hooks of the root module first, and those of global modules last. */
  async onModuleDestroy(): Promise<void> {
    await this.shutdown.close('the application was closed');
  }
}
