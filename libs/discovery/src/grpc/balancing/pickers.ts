import type { EndpointState } from './endpoint-state.js';

/** Candidates that are connected: at least one. */
export type Connected = readonly [EndpointState, ...EndpointState[]];

/**
 * How calls are spread. Made once for a channel; given the candidates whenever a connection or a trait has changed, it
 * returns what chooses one of them for each call. What must outlive a change is kept in the spread or the candidate.
 */
export type PickerFactory = (connected: Connected) => () => EndpointState;
