import type { FaultProxy } from '@rollcall/discovery/testing';

/** The faults of any network. */
export type NetworkFaults = Pick<FaultProxy, 'cut' | 'blackHole' | 'restore'>;
