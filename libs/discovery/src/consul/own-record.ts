import type { OwnRecord } from '../backend/backend.js';
import { runUntilFirstEnds, sendHeartbeats } from '../backend/keep-record.js';
import { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';
import { childAbortController, startTimer } from '../runtime/timers.js';
import { type AgentApi, isUnknownCheck } from './agent-api.js';
import { blockingQuery, type QueryResult } from './blocking-query.js';
import { type Connection, errorOfStatus } from './connection.js';
import { conflict, isRecordOf, readHolder } from './holder.js';
import type { ConsulSettings } from './options.js';
import { checkIdOf, type ConsulEntry, type ConsulService } from './api-types.js';
import { announcedAtKey, writeRecord } from './write-record.js';

export interface RecordContext {
  readonly connection: Connection;
  readonly agent: AgentApi;
  readonly settings: ConsulSettings;
}

/** The record of one instance: a service of the local agent, its TTL check, and a watch on it in the catalogue. */
export class ConsulRecord implements OwnRecord {
  readonly #context: RecordContext;
  readonly #id: string;
  #instance: Instance;
  /** Written with the record: tells it from the one before. */
  #announcedAt = '';
  /** The record as the catalogue showed it first; it differs when somebody else has changed it. */
  #shown: string | undefined;
  /** Whether the agent may have a record of ours. */
  #mayExist = false;
  /** The catalogue's index when the record was last seen there. */
  #seenAt = 0n;

  constructor(context: RecordContext, instance: Instance) {
    this.#context = context;
    this.#instance = instance;
    this.#id = instance.id;
  }

  /** A draining instance is written in maintenance mode. */
  async write(instance: Instance, signal: AbortSignal): Promise<void> {
    const { connection, agent, settings } = this.#context;
    const call = { timeoutMs: settings.requestTimeoutMs, signal };
    const { wasDraining } = await readHolder(instance, connection, settings, signal).catch((error) => {
      // The record belongs to another instance and must not be removed.
      if (error instanceof DiscoveryError && error.code === 'CONFLICT') this.#mayExist = false;
      throw error;
    });
    signal.throwIfAborted();
    this.#instance = instance;
    this.#mayExist = true;
    await this.#register(signal);
    const isDraining = instance.draining === true;
    if (isDraining || wasDraining) await agent.maintenance(this.#id, isDraining, call);
    // A check that is registered again keeps its old state, and a restarted agent keeps only states that were passed.
    // Side by side, because that opens the two sockets that the heartbeats and the watch of `keep` need: later the process may
    // have no file descriptor left.
    const passed = settings.check.kind === 'ttl' ? this.#pass(signal) : undefined;
    await Promise.all([passed, this.#untilVisible(signal)]);
  }

  keep(signal: AbortSignal): Promise<void> {
    const watch = (session: AbortSignal) => this.#watchOwnRecord(session);
    const heartbeat = (session: AbortSignal) => this.#heartbeat(session);
    return runUntilFirstEnds(
      signal,
      this.#context.settings.check.kind === 'ttl' ? [watch, heartbeat] : [watch],
    );
  }

  async markDraining(signal: AbortSignal): Promise<void> {
    const { agent, settings } = this.#context;
    if (this.#mayExist)
      await agent.maintenance(this.#id, true, { timeoutMs: settings.requestTimeoutMs, signal });
  }

  async remove(signal: AbortSignal): Promise<void> {
    const { agent, settings } = this.#context;
    if (this.#mayExist) await agent.deregister(this.#id, { timeoutMs: settings.requestTimeoutMs, signal });
    this.#mayExist = false;
  }

  async #register(signal: AbortSignal): Promise<void> {
    const { connection, settings } = this.#context;
    const path = '/v1/agent/service/register';
    this.#announcedAt = new Date().toISOString();
    const { status, body } = await connection.send({
      method: 'PUT',
      path,
      body: writeRecord(this.#instance, settings, this.#announcedAt),
      timeoutMs: settings.requestTimeoutMs,
      signal,
    });
    if (status !== 200) throw errorOfStatus(status, body.toString(), `PUT ${connection.baseUrl}${path}`);
  }

  /**
   * An agent accepts a registration with 200 also while its servers are unavailable, so wait until the record is in the
   * catalogue.
   */
  async #untilVisible(signal: AbortSignal): Promise<void> {
    const { waitMs, ttlMs } = this.#context.settings;
    // No heartbeats are sent meanwhile.
    const visibleWithinMs = Math.min(waitMs, ttlMs) / 2;
    const deadline = childAbortController(signal);
    const cancel = startTimer(visibleWithinMs, () => deadline.abort());
    try {
      for await (const { own, check, index } of this.#ownStates(0n, deadline.signal)) {
        // The record of an earlier write may still be there.
        if (!check || own?.Meta?.[announcedAtKey] !== this.#announcedAt) continue;
        this.#shown = contentOf(own);
        this.#seenAt = index;
        return;
      }
    } finally {
      cancel();
      deadline.dispose();
    }
    signal.throwIfAborted();
    throw this.#lost(`not in the catalogue ${visibleWithinMs} ms after the registration`);
  }

  /**
   * Watches the catalogue, not the agent: the agent keeps passing a check whose record was deleted from the catalogue.
   * @throws {DiscoveryError} REGISTRATION_LOST or CONFLICT.
   */
  async #watchOwnRecord(signal: AbortSignal): Promise<void> {
    for await (const { own, check, other, index } of this.#ownStates(this.#seenAt, signal)) {
      if (own && contentOf(own) !== this.#shown) throw this.#lost('it was changed in the catalogue');
      if (check) this.#seenAt = index;
      else if (own) throw this.#lost('its check was removed');
      else throw other ? conflict(other, this.#instance) : this.#lost('it was removed from the catalogue');
    }
  }

  /** The states of our id in the catalogue, after `index`. */
  async *#ownStates(index: bigint, signal: AbortSignal) {
    const { connection, settings } = this.#context;
    const path = `/v1/health/service/${this.#instance.service}`;
    const parameters = { filter: `Service.ID == "${this.#id}"` };
    const read = (entry: unknown) => entry as ConsulEntry;
    const query = { path, parameters, read, signal, since: index };
    for await (const state of blockingQuery(connection, settings, query)) {
      const found = this.#find(state);
      if (!found.check && state.filtered) {
        throw new DiscoveryError(
          'REGISTRY_REFUSED',
          `${connection.baseUrl}: the token may not read the record of ${this.#id}: use one with node:read and service:read`,
        );
      }
      yield { ...found, index: state.index };
    }
  }

  #find({ content: entries }: QueryResult<ConsulEntry>) {
    const entry = entries.find(({ Service }) => Service && isRecordOf(Service, this.#instance));
    const check = entry?.Checks?.find(({ CheckID }) => CheckID === checkIdOf(this.#id));
    return { own: entry?.Service, check, other: entries.find(({ Service }) => Service)?.Service };
  }

  #heartbeat(signal: AbortSignal): Promise<void> {
    const options = { what: `the TTL check of ${this.#id}`, ttlMs: this.#context.settings.ttlMs };
    const fatal = ['REGISTRATION_LOST', 'REGISTRY_REFUSED'] as const;
    return sendHeartbeats(() => this.#pass(signal), { ...options, fatal }, signal);
  }

  async #pass(signal: AbortSignal): Promise<void> {
    const { agent, settings } = this.#context;
    await agent.pass(this.#id, { timeoutMs: settings.requestTimeoutMs, signal }).catch((error) => {
      throw isUnknownCheck(error) ? this.#lost('the agent does not know it', error) : error;
    });
  }

  #lost(reason: string, cause?: unknown): DiscoveryError {
    return new DiscoveryError('REGISTRATION_LOST', `the record of ${this.#id}: ${reason}`, { cause });
  }
}

/** All that we write into a service, and what Consul makes of it. */
function contentOf({ Tags, Meta, Weights, TaggedAddresses }: ConsulService): string {
  const sorted = (map: object | null | undefined) => Object.entries(map ?? {}).toSorted();
  return JSON.stringify([Tags ?? [], sorted(Meta), Weights, sorted(TaggedAddresses)]);
}
