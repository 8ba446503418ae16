/** The parts of Consul's HTTP API that we read. Untrusted: anyone may have written the records. */
export interface ConsulEntry {
  readonly Node?: ConsulNode;
  readonly Service?: ConsulService;
  readonly Checks?: readonly ConsulCheckState[] | null;
}

export interface ConsulNode {
  readonly Node?: string;
  readonly Address?: string;
}

export interface ConsulService {
  readonly ID?: string;
  readonly Service?: string;
  /** Set for proxies and gateways: `connect-proxy`, `mesh-gateway`, ... */
  readonly Kind?: string;
  readonly Address?: string;
  readonly Port?: number;
  readonly Tags?: readonly string[] | null;
  readonly Meta?: Readonly<Record<string, string>> | null;
  readonly Weights?: { readonly Passing?: number } | null;
  readonly TaggedAddresses?: Readonly<Record<string, { readonly Address?: string }>> | null;
}

export interface ConsulCheckState {
  readonly CheckID?: string;
  /** Empty for a check of the whole node. */
  readonly ServiceID?: string;
  readonly Status?: string;
  /** For maintenance mode: its reason. */
  readonly Notes?: string;
}

/** The id that Consul gives to the only check of a service. */
export const checkIdOf = (id: string) => `service:${id}`;

/** The id of the check that maintenance mode adds to a service. */
export const maintenanceIdOf = (id: string) => `_service_maintenance:${id}`;

/** The reason of maintenance mode while an instance deregisters. */
export const drainReason = 'draining';
