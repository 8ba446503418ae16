import { connect, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import type { Dispatcher } from 'undici';
import { retryHandler } from './retry-handler.js';

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

it('a name with two addresses, none of which is listened on: a POST was never sent and goes elsewhere', async () => {
  const two = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
  const port = await unusedPort();
  const lookup = (_host: string, _options: object, found: (error: null, all: typeof two) => void) =>
    found(null, two);
  const socket = connect({ host: 'two.example', port, autoSelectFamily: true, lookup });
  const [error] = (await once(socket, 'error').catch((reason: unknown) => [reason])) as [Error];
  expect(error).toBeInstanceOf(AggregateError);
  const dispatch = vi.fn<Dispatcher['dispatch']>(() => true);
  const handler = retryHandler({ path: '/', method: 'POST', body: 'one' }, { dispatch, handler: {} });
  handler.onResponseError!({} as Dispatcher.DispatchController, error);
  expect(dispatch).toHaveBeenCalledTimes(1);
});
