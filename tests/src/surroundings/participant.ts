import { fileURLToPath } from 'node:url';
import { TrackedProcess, until } from '@rollcall/tools';
import type { Command, ParticipantOptions, ParticipantStatus, WatchStatus } from './participant-main.js';

const program = fileURLToPath(new URL('../../dist/surroundings/participant-main.js', import.meta.url));

export interface ParticipantLimits extends ParticipantOptions {
  readonly nodeArgs?: readonly string[];
  /** The most file descriptors it may have open. */
  readonly descriptors?: number;
  readonly uid?: number;
  readonly env?: NodeJS.ProcessEnv;
}

const noWatch: WatchStatus = {
  source: 'none',
  instances: 0,
  ids: [],
  held: 0,
  error: null,
};

/** A process that registers and watches in surroundings of its own. */
export class Participant {
  readonly process: TrackedProcess;
  #status: ParticipantStatus;

  private constructor(child: TrackedProcess, status: ParticipantStatus) {
    this.process = child;
    this.#status = status;
  }

  /** Resolves when the registry handle is open. `url` undefined: the default registry. */
  static async start(url: string | undefined, limits: ParticipantLimits = {}): Promise<Participant> {
    const { nodeArgs = [], descriptors, uid, env, ...options } = limits;
    let ready = false;
    let participant: Participant | undefined;
    const command = [process.execPath, ...nodeArgs, program, url ?? '', JSON.stringify(options)];
    if (uid !== undefined)
      command.unshift('setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--');
    if (descriptors !== undefined) command.unshift('sh', '-c', `ulimit -n ${descriptors}; exec "$@"`, 'sh');
    const child = await TrackedProcess.start({
      command: command[0]!,
      args: command.slice(1),
      env: { ...process.env, ...env },
      onMessage: (message) => {
        if (message === 'ready') ready = true;
        else if (participant) participant.#status = message as ParticipantStatus;
      },
    });
    participant = new Participant(child, {
      registrations: {},
      watches: {},
      logged: 0,
      leftOut: 0,
      lastLogged: [],
    });
    await until(() => ready || !child.running, {
      deadlineMs: 10_000,
      everyMs: 10,
      describe: () => `the participant to start; its output: ${child.lastLines.join('\n')}`,
    });
    return participant;
  }

  get status(): ParticipantStatus {
    return this.#status;
  }

  watch(service = 'inventory'): WatchStatus {
    return this.#status.watches[service] ?? noWatch;
  }

  send(command: Command): void {
    this.process.send(command);
  }

  /** Registers an instance of `inventory` without waiting. */
  register(id: string, port = 1): void {
    // An address of RFC 5737: nobody calls it, and the registry may be on another host.
    this.send({ register: { service: 'inventory', id, host: '192.0.2.1', port } });
  }

  /** Waits for a state of its own. */
  async until(
    what: string,
    condition: (participant: this) => boolean,
    deadlineMs = 10_000,
  ): Promise<ParticipantStatus> {
    await until(() => condition(this) || !this.process.running, {
      deadlineMs,
      everyMs: 10,
      describe: () => `${what}; status: ${JSON.stringify(this.#status, null, 1)}`,
    });
    if (!this.process.running && !condition(this)) {
      throw new Error(`it exited before ${what}; its output: ${this.process.lastLines.join('\n')}`);
    }
    return this.#status;
  }

  untilRegistered(id: string, deadlineMs?: number): Promise<ParticipantStatus> {
    return this.until(
      `${id} is registered`,
      ({ status }) => status.registrations[id] === 'registered',
      deadlineMs,
    );
  }

  /** Waits until it lists `count` instances of `service`, live. */
  untilLists(count: number, service = 'inventory', deadlineMs?: number): Promise<ParticipantStatus> {
    const isListed = () => {
      const { source, instances } = this.watch(service);
      return source === 'live' && instances === count;
    };
    return this.until(`it lists ${count} of ${service}, live`, isListed, deadlineMs);
  }

  /** Closes the registry handle and waits for the exit. Returns how long that took, in ms. */
  async close(): Promise<number> {
    const from = performance.now();
    this.send({ close: true });
    await this.process.exited;
    return performance.now() - from;
  }
}
