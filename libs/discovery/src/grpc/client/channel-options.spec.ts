import { describe, expect, it } from 'vitest';
import { channelOptions, type ChannelSettings } from './channel-options.js';

function discoveryPolicy(settings: ChannelSettings): unknown {
  const { loadBalancingConfig } = JSON.parse(channelOptions(settings)['grpc.service_config']!);
  return loadBalancingConfig[0]['rollcall.discovery'];
}

it('by default: round robin with outlier detection, never idle, no proxy', () => {
  const options = channelOptions();
  expect(discoveryPolicy({})).toMatchObject({
    child: { 'rollcall.round_robin': { outlierDetection: { failureThresholdPercent: 85, minimumHosts: 3 } } },
    keepReplacedMs: 5_000,
  });
  expect(options).toMatchObject({ 'grpc.enable_http_proxy': 0, 'grpc.client_idle_timeout_ms': 2 ** 31 - 1 });
});

it('grpc_js_round_robin has the outlier detection of grpc-js', () => {
  expect(discoveryPolicy({ loadBalancing: 'grpc_js_round_robin' })).toMatchObject({
    child: { outlier_detection: { max_ejection_percent: 33, child_policy: [{ round_robin: {} }] } },
  });
});

it('retries only the methods of retryPolicy', () => {
  const retryPolicy = { methods: ['/echo.v1.EchoService/Get'] };
  const { methodConfig } = JSON.parse(channelOptions({ retryPolicy })['grpc.service_config']!);
  expect(methodConfig).toMatchObject([
    {
      name: [{ service: 'echo.v1.EchoService', method: 'Get' }],
      retryPolicy: { retryableStatusCodes: ['UNAVAILABLE'] },
    },
  ]);
});

it.each<[ChannelSettings['loadBalancing'] & {}, object]>([
  ['round_robin', { 'rollcall.round_robin': {} }],
  ['grpc_js_round_robin', { round_robin: {} }],
  ['weighted', { 'rollcall.weighted': {} }],
  ['least_request', { 'rollcall.least_request': {} }],
  [{ policy: 'zone', zone: 'a' }, { 'rollcall.zone': { zone: 'a', within: 'round_robin' } }],
  [
    { policy: 'zone', zone: 'a', within: 'least_request' },
    { 'rollcall.zone': { zone: 'a', within: 'least_request' } },
  ],
])('loadBalancing %j sets the child policy', (loadBalancing, policy) => {
  expect(discoveryPolicy({ loadBalancing, outlierDetection: false })).toMatchObject({ child: policy });
});

it.each<[string, ChannelSettings]>([
  ['retryPolicy.maxAttempts 9', { retryPolicy: { methods: [], maxAttempts: 9 } }],
  ['keepaliveTimeMs 0', { keepaliveTimeMs: 0 }],
  ['maxReconnectBackoffMs 50', { initialReconnectBackoffMs: 100, maxReconnectBackoffMs: 50 }],
  ['keepaliveTimeoutMs Infinity', { keepaliveTimeoutMs: Infinity }],
  ['"Get"', { retryPolicy: { methods: ['Get'] } }],
  ['keepReplacedMs -1', { keepReplacedMs: -1 }],
  ['outlierDetection.failureThresholdPercent 100', { outlierDetection: { failureThresholdPercent: 100 } }],
  ['outlierDetection.maxEjectionMs 1000', { outlierDetection: { maxEjectionMs: 1_000 } }],
  ['loadBalancing "pick_first"', { loadBalancing: 'pick_first' as 'weighted' }],
  ['loadBalancing {"policy":"zone","zone":""}', { loadBalancing: { policy: 'zone', zone: '' } }],
])('rejects %s', (value, settings) => {
  expect(() => channelOptions(settings)).toThrow(/^INVALID_OPTION: /);
  expect(() => channelOptions(settings)).toThrow(value);
});

describe('overrides', () => {
  it('have the last word', () => {
    expect(channelOptions({}, { 'grpc.keepalive_time_ms': 7 })).toMatchObject({
      'grpc.keepalive_time_ms': 7,
    });
  });

  it.each<[string, unknown]>([
    ['no policy', {}],
    ['an unknown policy', { loadBalancingConfig: [{ best: {} }] }],
    ['an unknown policy among others', { loadBalancingConfig: [{ round_robin: {} }, { best: {} }] }],
    [
      'an interval as text',
      {
        loadBalancingConfig: [
          { outlier_detection: { interval: '0.5s', child_policy: [{ round_robin: {} }] } },
        ],
      },
    ],
    ['no child', { loadBalancingConfig: [{ 'rollcall.discovery': { keepReplacedMs: 5 } }] }],
    [
      'an unknown child',
      { loadBalancingConfig: [{ 'rollcall.discovery': { child: { best: {} }, keepReplacedMs: 5 } }] },
    ],
    ['a zone without a name', { loadBalancingConfig: [{ 'rollcall.zone': { within: 'weighted' } }] }],
    [
      'a fractional timeout as text',
      { loadBalancingConfig: [{ round_robin: {} }], methodConfig: [{ name: [{}], timeout: '0.5s' }] },
    ],
    [
      'waitForReady',
      { loadBalancingConfig: [{ round_robin: {} }], methodConfig: [{ name: [{}], waitForReady: true }] },
    ],
    ['null in place of an object', null],
  ])('with %s in the service config are rejected', (_, config) => {
    expect(() => channelOptions({}, { 'grpc.service_config': JSON.stringify(config) })).toThrow(
      /^INVALID_OPTION: invalid grpc\.service_config: /,
    );
  });

  it('with a service config that is not JSON are rejected', () => {
    expect(() => channelOptions({}, { 'grpc.service_config': '{' })).toThrow(/^INVALID_OPTION: .* \(\{\)$/);
  });

  it('may use any policy of grpc-js', () => {
    const config = JSON.stringify({ loadBalancingConfig: [{ pick_first: { shuffleAddressList: true } }] });
    expect(channelOptions({}, { 'grpc.service_config': config })['grpc.service_config']).toBe(config);
  });
});
