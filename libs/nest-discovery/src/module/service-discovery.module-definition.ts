import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { RegistryOptions } from '@rollcall/discovery';

export interface ServiceDiscoveryModuleOptions extends Omit<RegistryOptions, 'log'> {
  /** `consul://127.0.0.1:8500`, `etcd://h1:2379,h2:2379`, `file:///run/rollcall`. Default: a local directory. */
  readonly url?: string;
  /**
   * Distinguishes the registries of several applications in one process that have the same scheme and different URLs:
   * targets are `scheme://name/service`. Not needed for applications with the same URL.
   */
  readonly name?: string;
}

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<ServiceDiscoveryModuleOptions>()
    .setClassMethodName('forRoot')
    .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
    .build();
