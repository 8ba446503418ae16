/** What Consul's HTTP API says, as far as we listen. Anyone may have written it: nothing here is to be trusted. */
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
  /** Set for what is not a plain service: `connect-proxy`, `mesh-gateway`, ... */
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
  /** For maintenance: the reason that was given. */
  readonly Notes?: string;
}

/** The check a registration brings with it, under the name Consul gives to the only check of a service. */
export const checkIdOf = (id: string) => `service:${id}`;

/** The check that maintenance mode puts on a service. */
export const maintenanceIdOf = (id: string) => `_service_maintenance:${id}`;

/** The reason we give when an instance leaves. */
export const drainReason = 'draining';
