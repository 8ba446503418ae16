import { createServer } from 'node:net';

/**
 * Below the ports that the system hands out by itself (32768 on Linux, 49152 elsewhere): otherwise the port of a
 * registry that is down for a while could be taken by any outgoing connection, and the registry could not come back.
 */
const lowest = 20_000;
const highest = 32_767;

/** A TCP port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port between ${lowest} and ${highest} in 100 attempts`);
}

/** Whether `port` can be listened on, at `host`. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
