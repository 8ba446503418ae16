import { ConsoleLogger } from '@nestjs/common';
import type { ServiceConfig } from './config.js';
import { requestIds } from './requests/request-ids.js';

/** Logs JSON lines, each with the instance and with the ids of the request that it is about. */
export class ServiceLogger extends ConsoleLogger {
  readonly #instance: string;

  constructor({
    service,
    instanceId,
    logLevels,
  }: Pick<ServiceConfig, 'service' | 'instanceId' | 'logLevels'>) {
    super(service, { json: true, logLevels });
    this.#instance = instanceId;
  }

  protected override getJsonLogObject(
    ...args: Parameters<ConsoleLogger['getJsonLogObject']>
  ): ReturnType<ConsoleLogger['getJsonLogObject']> {
    return Object.assign(super.getJsonLogObject(...args), { instance: this.#instance, ...requestIds() });
  }
}
