import type { OwnRecord } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';
import { childAbortController, sleep, startTimer } from '../runtime/timers.js';
import { type AgentApi, isUnknownCheck } from './agent-api.js';
import { blockingQuery, type State } from './blocking-query.js';
import { type Connection, refusal } from './connection.js';
import { conflict, describes, readHolder } from './holder.js';
import type { ConsulSettings } from './options.js';
import { checkIdOf, type ConsulEntry } from './wire.js';
import { writeRecord } from './write-record.js';

/** Delay before a heartbeat that failed is tried again, in ms. */
const heartbeatRetryMs = 500;

/** What all records of one backend share. */
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
  /** Whether the agent may have a record of ours. */
  #mayExist = false;
  /** The catalogue's index when the record was last seen there. */
  #seenAt = 0n;

  constructor(context: RecordContext, instance: Instance) {
    this.#context = context;
    this.#instance = instance;
    this.#id = instance.id;
  }

  /** An instance that drains is written in maintenance mode. */
  async write(instance: Instance, signal: AbortSignal): Promise<void> {
    const { connection, agent, settings } = this.#context;
    const call = { timeoutMs: settings.requestTimeoutMs, signal };
    const { exists, wasDraining } = await readHolder(instance, connection, settings, signal).catch(
      (error) => {
        // The record under this id is another instance's, and not ours to remove.
        if (error instanceof DiscoveryError && error.code === 'CONFLICT') this.#mayExist = false;
        throw error;
      },
    );
    signal.throwIfAborted();
    this.#instance = instance;
    this.#mayExist = true;
    await this.#register(signal);
    const drains = instance.draining === true;
    if (drains || wasDraining) await agent.maintenance(this.#id, drains, call);
    // A check that is registered again keeps the state it had, whatever the new registration says.
    if ((exists || drains) && settings.check.kind === 'ttl') await agent.pass(this.#id, call);
    await this.#untilVisible(signal);
  }

  async keep(signal: AbortSignal): Promise<void> {
    const session = childAbortController(signal);
    const tasks = [this.#watchOwnRecord(session.signal)];
    if (this.#context.settings.check.kind === 'ttl') tasks.push(this.#heartbeat(session.signal));
    const outcomes = await Promise.allSettled(tasks.map((task) => task.finally(() => session.abort())));
    session.dispose();
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
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
    const { status, body } = await connection.exchange({
      method: 'PUT',
      path,
      body: writeRecord(this.#instance, settings, new Date().toISOString()),
      timeoutMs: settings.requestTimeoutMs,
      signal,
    });
    if (status !== 200) throw refusal(status, body, `PUT ${connection.baseUrl}${path}`);
  }

  /**
   * An agent takes a registration, and answers 200, also while its servers are unavailable. A record that is not in the
   * catalogue within half a wait is written again.
   */
  async #untilVisible(signal: AbortSignal): Promise<void> {
    const { waitMs, ttlMs } = this.#context.settings;
    // Nobody passes the TTL check meanwhile.
    const visibleWithinMs = Math.min(waitMs, ttlMs) / 2;
    const deadline = childAbortController(signal);
    const cancel = startTimer(visibleWithinMs, () => deadline.abort());
    try {
      for await (const { check, index } of this.#ownStates(0n, deadline.signal)) {
        if (!check) continue;
        this.#seenAt = index;
        return;
      }
    } finally {
      cancel();
      deadline.dispose();
    }
    signal.throwIfAborted();
    throw this.#lost(`not in the catalogue ${visibleWithinMs} ms after it was registered`);
  }

  /**
   * Watches the catalogue, not the agent: the agent goes on passing a check whose record was deleted from the catalogue behind
   * its back.
   * @throws {DiscoveryError} when the record is no longer there.
   */
  async #watchOwnRecord(signal: AbortSignal): Promise<void> {
    for await (const { own, check, other, index } of this.#ownStates(this.#seenAt, signal)) {
      if (check) this.#seenAt = index;
      else if (own) throw this.#lost('its check was removed');
      else throw other ? conflict(other, this.#instance) : this.#lost('it was removed from the catalogue');
    }
  }

  /** What the catalogue has under our id, from `index` on. */
  async *#ownStates(index: bigint, signal: AbortSignal) {
    const { connection, settings } = this.#context;
    const path = `/v1/health/service/${this.#instance.service}`;
    const parameters = { filter: `Service.ID == "${this.#id}"` };
    for await (const state of blockingQuery(connection, settings, path, parameters, signal, index)) {
      const found = this.#find(state);
      if (!found.check && state.filtered) {
        throw new DiscoveryError(
          'REGISTRY_REFUSED',
          `${connection.baseUrl}: the token may not see the record of ${this.#id}; give it node:read and service:read`,
        );
      }
      yield { ...found, index: state.index };
    }
  }

  #find({ content }: State) {
    const entries = content as readonly ConsulEntry[];
    const own = entries.find(({ Service }) => Service && describes(Service, this.#instance));
    const check = own?.Checks?.find(({ CheckID }) => CheckID === checkIdOf(this.#id));
    return { own, check, other: entries.find(({ Service }) => Service)?.Service };
  }

  /**
   * Passes the TTL check every third of the TTL. A pass that fails is not a loss yet: the watch of the record notices a broken
   * connection, and the TTL is made to bridge gaps.
   */
  async #heartbeat(signal: AbortSignal): Promise<void> {
    const { agent, settings } = this.#context;
    const { ttlMs, requestTimeoutMs: timeoutMs } = settings;
    let passedAt = performance.now();
    // The first one at once: a restarted agent keeps only states that were passed, and takes all others for critical.
    let delayMs = 0;
    while (!signal.aborted) {
      await sleep(delayMs, signal);
      if (signal.aborted) return;
      const startedAt = performance.now();
      try {
        await agent.pass(this.#id, { timeoutMs, signal });
        passedAt = startedAt;
        delayMs = ttlMs / 3;
      } catch (error) {
        if (signal.aborted) return;
        if (isUnknownCheck(error)) throw this.#lost('the agent does not know it', error);
        if (error instanceof DiscoveryError && error.code === 'REGISTRY_REFUSED') throw error;
        if (performance.now() - passedAt > ttlMs) throw this.#lost(`not passed for ${ttlMs} ms`, error);
        delayMs = Math.min(heartbeatRetryMs, ttlMs / 3);
      }
    }
  }

  #lost(reason: string, cause?: unknown): DiscoveryError {
    return new DiscoveryError('REGISTRATION_LOST', `the record of ${this.#id}: ${reason}`, { cause });
  }
}
