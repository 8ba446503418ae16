import { randomInt } from 'node:crypto';
import { addressOf } from '@rollcall/discovery';
import { discoverHttp, serveGracefully } from '@rollcall/discovery/http';
import { fetch } from 'undici';
import { jsonServer, listen, openEtcd, print } from './server.js';

const registry = openEtcd();
const goods = discoverHttp(registry, 'goods', { loadBalancing: 'random' });
const watch = registry.watch('goods');
let endpoints: readonly string[] = [];
watch.onChange(({ instances }) => {
  const [before, now] = [endpoints, instances.map(addressOf)];
  endpoints = now;
  for (const added of now) if (!before.includes(added)) print({ service: 'goods', added });
  for (const dropped of before) if (!now.includes(dropped)) print({ service: 'goods', dropped });
});
const isReady = () => watch.current.source !== 'none' && !shutdown.started;
const server = jsonServer('GET /goods/list', listGoods, isReady);
const shutdown = serveGracefully(server, [], { beforeExit: () => registry.close() });
print({ gateway: addressOf(await listen(server, registry)) });

async function listGoods(): Promise<object> {
  const trace_id = randomInt(2 ** 48 - 1);
  // A list is a read, although its method is POST: after a failed attempt, another endpoint is picked.
  for (let attempt = 1; attempt <= 4 && endpoints.length > 0; attempt += 1) {
    const endpoint = addressOf(goods.pick());
    print({ trace_id, endpoint });
    try {
      const response = await fetch(`http://${endpoint}/goods/list`, {
        method: 'POST',
        body: JSON.stringify({ trace_id }),
        headers: { 'content-type': 'application/json' },
        dispatcher: goods.dispatcher,
        signal: AbortSignal.timeout(2_000),
      });
      const { message } = (await response.json()) as { message: string };
      if (response.ok) return { code: 0, message, trace_id };
    } catch (error) {
      print({ trace_id, endpoint, error: String((error as Error).cause ?? error) });
    }
  }
  return { code: -1, message: 'goods service unavailable, try again later', trace_id };
}
