import { Module } from '@nestjs/common';
import { ConfigurableInstanceRegistration } from './instance-registration.module-definition.js';
import { InstanceRegistration } from './instance-registration.js';

@Module({ providers: [InstanceRegistration], exports: [InstanceRegistration] })
export class InstanceRegistrationModule extends ConfigurableInstanceRegistration {}
