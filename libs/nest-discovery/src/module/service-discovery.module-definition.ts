import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { ServiceDiscoveryModuleOptions } from './service-discovery.options.js';

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<ServiceDiscoveryModuleOptions>()
    .setClassMethodName('forRoot')
    .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
    .build();
