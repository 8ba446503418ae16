import { createServer } from 'node:net';

/**
 * Below the ephemeral ports (from 32768 on Linux, 49152 elsewhere): an outgoing connection could otherwise take the
 * port of a stopped registry, which could then not start again.
 */
const lowestPort = 20_000;
const highestPort = 32_767;

/** A free TCP port on loopback. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = lowestPort + Math.floor(Math.random() * (highestPort - lowestPort));
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port between ${lowestPort} and ${highestPort} in 100 attempts`);
}

export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
