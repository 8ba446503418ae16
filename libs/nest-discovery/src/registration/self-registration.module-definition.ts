import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { SelfRegistrationOptions } from './self-registration.options.js';

export const {
  ConfigurableModuleClass: ConfigurableSelfRegistration,
  MODULE_OPTIONS_TOKEN: SELF_REGISTRATION_OPTIONS,
} = new ConfigurableModuleBuilder<SelfRegistrationOptions>().build();
