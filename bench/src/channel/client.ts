/** A channel in a process of its own: `node client.js <ClientOptions as JSON>`. */
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { Client, credentials } from '@grpc/grpc-js';
import { defineInstance, type Instance, Registry } from '@rollcall/discovery';
import { channelOptions, registerResolver } from '@rollcall/discovery/grpc';
import { serveRequests } from '../worker-process.js';
import { ListBackend } from './list-backend.js';
import { type Change, type ClientOptions, type PickCost, type Request, service } from './messages.js';
import { measurePicks } from './picks.js';

/** Longer than a change takes, connection included, in ms. */
const windowMs = 60;

const { policy, endpoints, port } = JSON.parse(process.argv[2] ?? '') as ClientOptions;
let created = 0;
const listed = Array.from({ length: endpoints }, createInstance);
/** The instance that has joined last, until it leaves. */
let guest: Instance | undefined;
const backend = new ListBackend(listed);
// Without the guard, which would keep an instance listed for a moment after it has left.
const registry = new Registry(backend, { shrinkGuard: { maxShrink: 1 } });
registerResolver(registry);
const options = channelOptions({ loadBalancing: policy });
const client = new Client(`${registry.scheme}:///${service}`, credentials.createInsecure(), options);
client.getChannel().getConnectivityState(true);

serveRequests(async (request: Request): Promise<number | PickCost> => {
  if (request.type === 'picks') return measurePicks(client);
  if (request.measure === 'delay') {
    apply(request.change);
    return longestTurnMs();
  }
  const cpu = process.cpuUsage();
  apply(request.change);
  await sleep(windowMs);
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / 1_000;
});

/** At an address that was never used before: grpc-js keeps the connections of removed endpoints for a while. */
function createInstance(): Instance {
  created += 1;
  const host = `127.${(created >> 16) & 255}.${(created >> 8) & 255}.${created & 255}`;
  // The last three digits first, so that the next instance is somewhere in the middle of the sorted list.
  const id = [...String(created).padStart(6, '0')].toReversed().join('');
  return defineInstance({ id, service, host, port });
}

function apply(change: Change): void {
  if (change === 'join') guest = createInstance();
  if (change === 'leave') guest = undefined;
  if (change !== 'none') backend.list(guest ? [...listed, guest] : listed);
}

/** The longest turn of the event loop: CPU time, because other processes delay it, too. */
async function longestTurnMs(): Promise<number> {
  let longest = 0;
  const until = performance.now() + windowMs;
  while (performance.now() < until) {
    const cpu = process.cpuUsage();
    await turn();
    const { user, system } = process.cpuUsage(cpu);
    longest = Math.max(longest, user + system);
  }
  return longest / 1_000;
}
