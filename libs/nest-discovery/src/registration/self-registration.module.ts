import { Module } from '@nestjs/common';
import { ConfigurableSelfRegistration } from './self-registration.module-definition.js';
import { SelfRegistration } from './self-registration.js';

@Module({ providers: [SelfRegistration], exports: [SelfRegistration] })
export class SelfRegistrationModule extends ConfigurableSelfRegistration {}
