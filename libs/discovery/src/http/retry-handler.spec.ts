import { connect, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import type { Dispatcher } from 'undici';
import { retryHandler, RetryPolicy } from './retry-handler.js';

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

it('no address of a name accepts a connection: a POST was never sent and is retried', async () => {
  const addresses = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
  const port = await unusedPort();
  const lookup = (_host: string, _options: object, callback: (error: null, all: typeof addresses) => void) =>
    callback(null, addresses);
  const socket = connect({ host: 'two.example', port, autoSelectFamily: true, lookup });
  const [error] = (await once(socket, 'error').catch((reason: unknown) => [reason])) as [Error];
  expect(error).toBeInstanceOf(AggregateError);
  const dispatch = vi.fn<Dispatcher['dispatch']>(() => true);
  const options = { path: '/', method: 'POST', body: 'one' } as const;
  const losses = {
    crashed: () => false,
    onTurn: (retry: (aborted: Error | null) => void) => retry(null),
    onBudgetSpent: () => {},
  };
  const handler = retryHandler(options, { dispatch, handler: {} }, new RetryPolicy(), losses);
  handler.onResponseError!({} as Dispatcher.DispatchController, error);
  expect(dispatch).toHaveBeenCalledTimes(1);
});
