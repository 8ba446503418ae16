import { setTimeout as delay } from 'node:timers/promises';
import { type AnnounceSession, drainingVisibleMs } from '../backend/backend.js';
import type { Instance } from '../model/instance.js';
import { startTimer, childAbortController } from '../runtime/timers.js';
import type { AgentApi } from './agent-api.js';
import type { Announcer } from './announcer.js';
import { claim } from './claim.js';
import { refusal } from './connection.js';
import { keepPassing } from './keep-passing.js';
import { keepSeen } from './keep-seen.js';
import { writeRecord } from './write-record.js';

/** All that leaving may take, in ms, less a margin; and the part of it that the mark may take. */
const leaveWithinMs = 1_600;
const markWithinMs = 600;
/** How long a registration that is under way when the caller wants to leave may go on: deregistering must come after it. */
const registerGraceMs = 300;

/** One session: see `Backend.announce`. An instance that drains is announced in maintenance mode: see `Backend.showPaused`. */
export async function announce(
  announcer: Announcer,
  instance: Instance,
  session: AnnounceSession,
): Promise<void> {
  const { connection, agent, settings } = announcer;
  const { signal } = session;
  const call = { timeoutMs: settings.requestTimeoutMs, signal };
  const passes = settings.check.kind === 'ttl';
  let written = false;
  try {
    const { held, leftDraining } = await claim(instance, connection, settings, signal);
    if (signal.aborted) return;
    written = true;
    await register(announcer, instance, signal);
    const maintained = instance.draining === true;
    if (maintained || leftDraining) await agent.maintenance(instance.id, maintained, call);
    // A check that is registered again keeps the state it had, whatever the new registration says.
    if ((held || maintained) && passes) await agent.pass(instance.id, call);
    await together(signal, [
      (child) => keepSeen(announcer, instance, session, child),
      ...(passes ? [(child: AbortSignal) => keepPassing(announcer, instance, child)] : []),
    ]);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (written) await leave(agent, instance.id);
}

async function register(
  { connection, settings }: Announcer,
  instance: Instance,
  signal: AbortSignal,
): Promise<void> {
  const patience = new AbortController();
  let cancel = () => {};
  const hurry = () => {
    cancel = startTimer(registerGraceMs, () => patience.abort());
  };
  signal.addEventListener('abort', hurry);
  try {
    const path = '/v1/agent/service/register';
    const { status, body } = await connection.exchange({
      method: 'PUT',
      path,
      body: writeRecord(instance, settings, new Date().toISOString()),
      timeoutMs: settings.requestTimeoutMs,
      signal: patience.signal,
    });
    if (status !== 200) throw refusal(status, body, `PUT ${connection.baseUrl}${path}`);
  } finally {
    signal.removeEventListener('abort', hurry);
    cancel();
  }
}

/** Runs tasks that end when their signal aborts; the first to end, or to throw, ends the others. */
async function together(
  signal: AbortSignal,
  tasks: readonly ((child: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const group = childAbortController(signal);
  const outcomes = await Promise.allSettled(
    tasks.map((task) => task(group.signal).finally(() => group.abort())),
  );
  group.dispose();
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

/** Marks the instance as draining, and removes it. Whatever fails is left to the TTL: nobody waits for an answer. */
async function leave(agent: AgentApi, id: string): Promise<void> {
  const endsAt = performance.now() + leaveWithinMs;
  try {
    await agent.maintenance(id, true, { timeoutMs: markWithinMs });
    // Keeps the process alive, as the library's own timers do not: it must not end with the record in place.
    await delay(drainingVisibleMs);
  } catch {
    // No mark then; the removal is what counts.
  }
  await agent.deregister(id, { timeoutMs: Math.max(1, endsAt - performance.now()) }).catch(() => {});
}
