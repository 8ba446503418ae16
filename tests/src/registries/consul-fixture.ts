import type { Backend } from '@rollcall/discovery';
import { consulBackend, type ConsulOptions } from '@rollcall/discovery/consul';
import { consulApi } from '../environments/http-api.js';
import { RegistryFixture } from './registry-fixture.js';

/** One entry of Consul's `/v1/health/service`. */
export interface HealthEntry {
  readonly Node: { readonly Node: string };
  readonly Service: {
    readonly ID: string;
    readonly CreateIndex: number;
    readonly Weights: { readonly Passing: number };
  };
  readonly Checks: readonly {
    readonly CheckID: string;
    readonly Status: string;
    readonly Type: string;
    readonly Output: string;
  }[];
}

/** A real Consul, and its API as an operator uses it. */
export class ConsulFixture extends RegistryFixture<ConsulOptions> {
  readonly api = consulApi(this.server);

  protected override open(options?: ConsulOptions): Backend {
    const { host, port } = this.server;
    return consulBackend({ host, port, waitMs: 2_000, requestTimeoutMs: 1_000, ...options });
  }

  async entry(id: string): Promise<HealthEntry | undefined> {
    const entries = (await this.api('GET', 'health/service/inventory')) as HealthEntry[];
    return entries.find(({ Service }) => Service.ID === id);
  }

  /** Writes a record with a TTL check, as another owner would. */
  put(record: { ID: string; Port: number; [field: string]: unknown }, status = 'passing'): Promise<unknown> {
    return this.api('PUT', 'agent/service/register', {
      Name: 'inventory',
      Address: '127.0.0.1',
      Check: { TTL: '60s', Status: status },
      ...record,
    });
  }
}
