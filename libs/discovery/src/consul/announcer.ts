import { DiscoveryError } from '../model/errors.js';
import type { AgentApi } from './agent-api.js';
import type { Connection } from './connection.js';
import type { ConsulSettings } from './options.js';

/** What every part of an announcement works with. */
export interface Announcer {
  readonly connection: Connection;
  readonly agent: AgentApi;
  readonly settings: ConsulSettings;
}

export function lost(id: string, reason: string, cause?: unknown): DiscoveryError {
  return new DiscoveryError('REGISTRATION_LOST', `the record of ${id}: ${reason}`, { cause });
}
