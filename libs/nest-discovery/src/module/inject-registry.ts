import { Inject } from '@nestjs/common';

/** Injection token of the `Registry`. */
export const REGISTRY = Symbol('@rollcall/nest-discovery/registry');

/** Injects the `Registry`. */
export const InjectRegistry = (): ParameterDecorator & PropertyDecorator => Inject(REGISTRY);
