import { expect, it } from 'vitest';
import { channelOptions, type ChannelSettings } from './channel-options.js';

it('balances over all instances, never idles, and asks no proxy', () => {
  const options = channelOptions();
  expect(JSON.parse(options['grpc.service_config']!)).toMatchObject({
    loadBalancingConfig: [{ round_robin: {} }],
    methodConfig: [],
  });
  expect(options).toMatchObject({ 'grpc.enable_http_proxy': 0, 'grpc.client_idle_timeout_ms': 2 ** 31 - 1 });
});

it('retries the methods it is given, and no other', () => {
  const { methodConfig } = JSON.parse(
    channelOptions({ retryMethods: ['/echo.v1.EchoService/Get'] })['grpc.service_config']!,
  );
  expect(methodConfig).toMatchObject([
    {
      name: [{ service: 'echo.v1.EchoService', method: 'Get' }],
      retryPolicy: { retryableStatusCodes: ['UNAVAILABLE'] },
    },
  ]);
});

it.each<[string, ChannelSettings]>([
  ['retryMaxAttempts 9', { retryMaxAttempts: 9 }],
  ['keepaliveTimeMs 0', { keepaliveTimeMs: 0 }],
  ['reconnectMaxMs 50', { reconnectInitialMs: 100, reconnectMaxMs: 50 }],
  ['keepaliveTimeoutMs Infinity', { keepaliveTimeoutMs: Infinity }],
  ['"Get"', { retryMethods: ['Get'] }],
])('refuses %s, which grpc-js would only log', (echoed, settings) => {
  expect(() => channelOptions(settings)).toThrow(/^INVALID_OPTION: /);
  expect(() => channelOptions(settings)).toThrow(echoed);
});
