import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { InstanceRegistrationOptions } from './instance-registration.options.js';

export const {
  ConfigurableModuleClass: ConfigurableInstanceRegistration,
  MODULE_OPTIONS_TOKEN: INSTANCE_REGISTRATION_OPTIONS,
} = new ConfigurableModuleBuilder<InstanceRegistrationOptions>().build();
