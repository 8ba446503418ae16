import { describe, expect, it } from 'vitest';
import { channelOptions, type ChannelSettings } from './channel-options.js';

function policyIn(settings: ChannelSettings): unknown {
  const { loadBalancingConfig } = JSON.parse(channelOptions(settings)['grpc.service_config']!);
  return loadBalancingConfig[0].rollcall;
}

it('balances over all instances but outliers, never idles, and asks no proxy', () => {
  const options = channelOptions();
  expect(policyIn({})).toMatchObject({
    child: { outlier_detection: { child_policy: [{ round_robin: {} }] } },
    keepReplacedMs: 5_000,
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

it.each<[ChannelSettings['loadBalancing'] & {}, object]>([
  ['round_robin', { round_robin: {} }],
  ['weighted', { rollcall_weighted: {} }],
  ['least_request', { rollcall_least_request: {} }],
  [{ policy: 'zone', zone: 'a' }, { rollcall_zone: { zone: 'a', within: 'round_robin' } }],
  [
    { policy: 'zone', zone: 'a', within: 'least_request' },
    { rollcall_zone: { zone: 'a', within: 'least_request' } },
  ],
])('spreads by %j', (loadBalancing, policy) => {
  expect(policyIn({ loadBalancing, outlierDetection: false })).toMatchObject({ child: policy });
});

it.each<[string, ChannelSettings]>([
  ['retryMaxAttempts 9', { retryMaxAttempts: 9 }],
  ['keepaliveTimeMs 0', { keepaliveTimeMs: 0 }],
  ['reconnectMaxMs 50', { reconnectInitialMs: 100, reconnectMaxMs: 50 }],
  ['keepaliveTimeoutMs Infinity', { keepaliveTimeoutMs: Infinity }],
  ['"Get"', { retryMethods: ['Get'] }],
  ['keepReplacedMs -1', { keepReplacedMs: -1 }],
  ['outlierDetection.failurePercent 100', { outlierDetection: { failurePercent: 100 } }],
  ['outlierDetection.maxEjectionMs 1000', { outlierDetection: { maxEjectionMs: 1_000 } }],
  ['loadBalancing "pick_first"', { loadBalancing: 'pick_first' as 'weighted' }],
  ['loadBalancing {"policy":"zone","zone":""}', { loadBalancing: { policy: 'zone', zone: '' } }],
])('refuses %s, which grpc-js would only log', (echoed, settings) => {
  expect(() => channelOptions(settings)).toThrow(/^INVALID_OPTION: /);
  expect(() => channelOptions(settings)).toThrow(echoed);
});

describe('options that override others', () => {
  it('have the last word', () => {
    expect(channelOptions({}, { 'grpc.keepalive_time_ms': 7 })).toMatchObject({
      'grpc.keepalive_time_ms': 7,
    });
  });

  it.each<[string, unknown]>([
    ['it has no policy', {}],
    ['its policy is unheard of', { loadBalancingConfig: [{ best: {} }] }],
    ['one of its policies is', { loadBalancingConfig: [{ round_robin: {} }, { best: {} }] }],
    [
      'an interval is text',
      {
        loadBalancingConfig: [
          { outlier_detection: { interval: '0.5s', child_policy: [{ round_robin: {} }] } },
        ],
      },
    ],
    ['rollcall has no child', { loadBalancingConfig: [{ rollcall: { keepReplacedMs: 5 } }] }],
    [
      'rollcall has a child unheard of',
      { loadBalancingConfig: [{ rollcall: { child: { best: {} }, keepReplacedMs: 5 } }] },
    ],
    ['a zone has no name', { loadBalancingConfig: [{ rollcall_zone: { within: 'weighted' } }] }],
    [
      'a timeout is a fraction in text',
      { loadBalancingConfig: [{ round_robin: {} }], methodConfig: [{ name: [{}], timeout: '0.5s' }] },
    ],
    [
      'it asks for waitForReady',
      { loadBalancingConfig: [{ round_robin: {} }], methodConfig: [{ name: [{}], waitForReady: true }] },
    ],
    ['it is no object', null],
  ])('are refused with a service config when %s', (_, config) => {
    expect(() => channelOptions({}, { 'grpc.service_config': JSON.stringify(config) })).toThrow(
      /^INVALID_OPTION: grpc\.service_config is not usable: /,
    );
  });

  it('are refused with a service config that is no JSON', () => {
    expect(() => channelOptions({}, { 'grpc.service_config': '{' })).toThrow(/^INVALID_OPTION: .* \(\{\)$/);
  });

  it('may name any policy that grpc-js has', () => {
    const config = JSON.stringify({ loadBalancingConfig: [{ pick_first: { shuffleAddressList: true } }] });
    expect(channelOptions({}, { 'grpc.service_config': config })['grpc.service_config']).toBe(config);
  });
});
