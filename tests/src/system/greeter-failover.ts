import { TrackedProcess, until } from '@rollcall/tools';
import { expect } from 'vitest';

/** How to start a server, and a client that prints each response. A server says `greeter-<pid>`. */
export interface GreeterPrograms {
  readonly server: readonly string[];
  readonly client: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Of two servers, one is killed, and one stopped once a third has started: all calls of the client succeed. */
export async function expectNoCallFails(programs: GreeterPrograms, calls: number): Promise<void> {
  const processes: TrackedProcess[] = [];
  const start = async (role: 'server' | 'client', onLine: (line: string) => void = () => {}) => {
    const { [role]: args, env = process.env } = programs;
    const started = await TrackedProcess.start({ command: process.execPath, args, env, onLine });
    processes.push(started);
    return started;
  };
  try {
    const [killed, stopped] = [await start('server'), await start('server')];
    const lines: string[] = [];
    const client = await start('client', (line) => lines.push(line));
    const untilAnsweredBy = (server: TrackedProcess) =>
      until(() => lines.some((line) => line.endsWith(`greeter-${server.pid}.`)), {
        deadlineMs: 30_000,
        describe: () => `a response of ${server.pid}; the client printed ${JSON.stringify(client.lastLines)}`,
      });
    await untilAnsweredBy(killed);
    await untilAnsweredBy(stopped);
    await killed.kill();
    await untilAnsweredBy(await start('server'));
    expect(await stopped.stop(10_000)).toEqual({ code: 0, signal: null });
    expect(await client.exited).toEqual({ code: 0, signal: null });
    expect(lines).toHaveLength(calls);
  } finally {
    await Promise.all(processes.map((each) => each.kill()));
  }
}
