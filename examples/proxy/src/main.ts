import { createServer, type ServerHttp2Session } from 'node:http2';
import { parseArgs } from 'node:util';
import { GracefulShutdown, openRegistry, shutDownOnSignals } from '@rollcall/discovery';
import { sideBySide, startRegistry } from '@rollcall/tools';
import { measure } from './compare.js';
import { forward } from './forward.js';
import { connectAll } from './upstreams.js';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    registry: { type: 'string', default: 'etcd://127.0.0.1:2379' },
    service: { type: 'string', default: 'greeter' },
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '50050' },
    compare: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '5' },
  },
});

async function serve(): Promise<void> {
  const registry = await openRegistry(flags.registry);
  const nextInstance = connectAll(registry.watch(flags.service));
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer({ maxSessionMemory: 1_000 })
    .on('session', (session) => sessions.add(session.once('close', () => sessions.delete(session))))
    .on('stream', (call, headers) => forward(call, headers, nextInstance()))
    .listen(Number(flags.port), flags.host, () => {
      const { port } = server.address() as { port: number };
      console.log(`listening on ${flags.host}:${port}`);
    });
  const drain = (forceSignal: AbortSignal) =>
    new Promise<'drained' | 'forced'>((resolve) => {
      forceSignal.addEventListener('abort', () => resolve('forced'));
      server.close(() => resolve('drained'));
      // GOAWAY: calls in flight complete, and clients send those that are on the way again, elsewhere.
      for (const session of sessions) session.close();
    });
  shutDownOnSignals(new GracefulShutdown({ markNotServing() {}, deregister: async () => {}, drain }));
}

if (positionals[0] === 'serve') await serve();
else if (positionals.length > 0) throw new Error(`unknown role "${positionals[0]}": use serve, or none`);
else {
  const etcd = await startRegistry('etcd', { prefer: ['given', 'binary', 'image'] });
  const reports = [await measure(etcd.url, Number(flags.seconds), 2)];
  if (flags.compare) reports.push(await measure(etcd.url, Number(flags.seconds), 0));
  console.log(sideBySide(reports));
  await etcd.stop();
}
