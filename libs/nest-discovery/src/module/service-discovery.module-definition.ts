import { ConfigurableModuleBuilder } from '@nestjs/common';
import { getRegistryToken } from './inject-registry.js';
import {
  openModuleRegistry,
  publishTargets,
  type ServiceDiscoveryModuleOptions,
} from './open-module-registry.js';
import { getRegistryTargetsToken, RegistryTargets } from './registry-targets.js';

export interface ServiceDiscoveryModuleExtras {
  /** Whether every module of the application may inject the registry. Default true. */
  readonly isGlobal: boolean;
  /**
   * Distinguishes the registries of an application, and those of several applications in one process that have the same
   * scheme and different URLs. Inject it with `@InjectRegistry(name)`; clients and registrations name it as `registry`;
   * targets are `scheme://name/service`.
   */
  readonly name: string | undefined;
}

const extras: ServiceDiscoveryModuleExtras = { isGlobal: true, name: undefined };

const OPTIONS = Symbol('@rollcall/nest-discovery/options');

export const { ConfigurableModuleClass, OPTIONS_TYPE, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<ServiceDiscoveryModuleOptions>({ optionsInjectionToken: OPTIONS })
    .setClassMethodName('forRoot')
    .setExtras(extras, (definition, { isGlobal, name }) => {
      const [registry, targets] = [getRegistryToken(name), getRegistryTargetsToken(name)];
      return {
        ...definition,
        global: isGlobal,
        providers: [
          ...(definition.providers ?? []),
          { provide: registry, inject: [OPTIONS], useFactory: openModuleRegistry },
          { provide: targets, inject: [registry], useFactory: publishTargets(name) },
          // For the module itself, whose constructor cannot name a token that depends on the options.
          { provide: RegistryTargets, useExisting: targets },
        ],
        exports: [registry, targets],
      };
    })
    .build();
