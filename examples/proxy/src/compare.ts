import type { Client, ClientUnaryCall, requestCallback } from '@grpc/grpc-js';
import { onEvent, openRegistry } from '@rollcall/discovery';
import { createGrpcClient, type GrpcContract, registerResolver } from '@rollcall/discovery/grpc';
import { type CallReport, reportCalls, startNode, until } from '@rollcall/tools';

interface GreeterClient extends Client {
  Greet(request: { name: string }, callback: requestCallback<{ text: string }>): ClientUnaryCall;
}
const plainGrpc = `${import.meta.dirname}/../../plain-grpc`;
const names = { service: 'greeter', package: 'greeter.v1', grpcService: 'Greeter' };
const greeter: GrpcContract<GreeterClient> = { ...names, protoPath: `${plainGrpc}/greeter.proto` };

/** What 50 clients see of three servers of the example plain-grpc, through proxies or without any. Half of them retry. */
export async function measure(url: string, seconds: number, proxyCount: number): Promise<CallReport> {
  const servers = await startNode(3, `${plainGrpc}/dist/greeter.js`, 'serve', url);
  const options = ['serve', '--port=0', `--registry=${url}`];
  const proxies = await startNode(proxyCount, `${import.meta.dirname}/main.js`, ...options);
  const registry = await openRegistry(url);
  registerResolver(registry);
  const watch = registry.watch('greeter');
  const isReady = () => watch.current.instances.length >= 3 && proxies.every(({ lastLines }) => lastLines[0]);
  await until(isReady, { deadlineMs: 30_000, describe: () => 'servers and proxies to start' });
  const addresses = proxies.map(({ lastLines }) => lastLines[0]!.replace('listening on ', ''));
  const target = proxyCount > 0 ? `static:///${addresses.join(',')}` : `${registry.scheme}:///greeter`;

  let connections = 0;
  onEvent('connection', ({ state }) => void (connections += state === 'ready' ? 1 : 0));
  const channelOptions = { 'grpc.use_local_subchannel_pool': 1 };
  const clients = Array.from({ length: 50 }, (_, i) => {
    const methods = { greet: { retry: i < 25 ? {} : (false as const) } };
    return createGrpcClient(greeter, { target, methods, channelOptions });
  });
  const calls = clients.map((client) => () => client.greet({ name: 'you' }));
  const kills = { 'a server': servers[0]!, ...(proxies[0] && { 'a proxy': proxies[0] }) };
  const report = await reportCalls(calls.slice(0, 25), calls.slice(25), { seconds, kills });

  for (const client of clients) client.close();
  await Promise.all([...proxies, ...servers].map((child) => child.stop(10_000)));
  await registry.close();
  const way = proxyCount > 0 ? `${proxyCount} proxies` : 'client-side balancing';
  return { '50 clients, 3 servers': way, 'connections of the clients': `${connections}`, ...report };
}
