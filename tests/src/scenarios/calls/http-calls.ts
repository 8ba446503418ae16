import { STATUS_CODES } from 'node:http';
import type { Registry } from '@rollcall/discovery';
import { discoverHttp } from '@rollcall/discovery/http';
import { request as send } from 'undici';
import { instanceIdKey } from './contract.js';
import { type ServiceCalls, withoutVariables } from './service-calls.js';

export async function httpCalls(registry: Registry, service: string): Promise<ServiceCalls> {
  const { dispatcher, pick, ready } = discoverHttp(registry, service);
  await ready();
  return {
    connected: () => pick() !== undefined,
    async call(method, request, withinMs) {
      const { statusCode, headers, body } = await send(`http://${service}/${method}`, {
        dispatcher,
        method: method === 'add' ? 'POST' : 'GET',
        query: { ...request },
        signal: AbortSignal.timeout(withinMs),
      });
      await body.dump({ limit: Infinity });
      if (statusCode !== 200) throw new Error(STATUS_CODES[statusCode]);
      return String(headers[instanceIdKey]);
    },
    watch: () => Promise.reject(new Error('there are no streams over HTTP')),
    reasonOf: (error) => withoutVariables(String(error)),
  };
}
