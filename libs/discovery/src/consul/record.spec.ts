import { describe, expect, it } from 'vitest';
import { defineInstance, type Instance, type InstanceInit } from '../model/instance.js';
import { type ConsulFormatName, consulFormats as formats } from './formats.js';
import { consulSettings, type ConsulOptions } from './options.js';
import { readRecord } from './read-record.js';
import type { ConsulNode, ConsulService } from './api-types.js';
import { writeRecord } from './write-record.js';

const announcedAt = '2026-01-02T03:04:05.678Z';
const formatNames = Object.keys(formats) as ConsulFormatName[];

function instance(more: Partial<InstanceInit> = {}): Instance {
  return defineInstance({ id: 'inventory-1', service: 'inventory', host: '10.0.0.1', port: 50_051, ...more });
}

/** A record as Consul returns it after we have written it. */
function stored(of: Instance, options: ConsulOptions = {}): ConsulService {
  const body = writeRecord(of, consulSettings(options), announcedAt) as ConsulService & { Name: string };
  return JSON.parse(JSON.stringify({ ...body, Service: body.Name })) as ConsulService;
}

const full = instance({
  weight: 7,
  tags: ['canary', 'version=other', 'k:v'],
  metadata: { team: 'stock', 'build.url': 'https://ci/1' },
  protocol: 'grpc',
  version: '1.4.0',
  zone: 'eu-1a',
  registeredAt: 1_700_000_000_123,
});

const readAny = (service: ConsulService, node: ConsulNode) => readRecord(service, node, formats.rollcall);

describe.each(formatNames)('a record written as %s', (format) => {
  it('is read back as the same instance', () => {
    expect(readAny(stored(full, { format }), {})).toEqual(full);
    expect(readAny(stored(instance(), { format }), {})).toEqual(instance());
  });

  it('keeps metadata with keys that the format uses itself', () => {
    const metadata = {
      version: 'v',
      zone: 'z',
      protocol: 'p',
      weight: '9',
      secure: 'x',
      gRPC_port: '1',
      rollcall: 'kratos',
      'rollcall-metadata-0': 'junk',
    };
    expect(readAny(stored(instance({ metadata }), { format }), {}).metadata).toEqual(metadata);
  });
});

describe('a record written as', () => {
  it('rollcall has the fields of the format, and weights', () => {
    expect(stored(full)).toMatchObject({
      ID: 'inventory-1',
      Name: 'inventory',
      Address: '10.0.0.1',
      Port: 50_051,
      Tags: ['canary', 'version=other', 'k:v'],
      Weights: { Passing: 7 },
      Meta: { version: '1.4.0', zone: 'eu-1a', protocol: 'grpc', team: 'stock' },
      Check: { TTL: '10000ms', Status: 'passing', DeregisterCriticalServiceAfter: '60000ms' },
    });
  });

  it('kratos has a version tag, an endpoint and a weight in Meta', () => {
    expect(stored(full, { format: 'kratos' })).toMatchObject({
      Tags: [...full.tags, 'version=1.4.0'],
      TaggedAddresses: { grpc: { Address: 'grpc://10.0.0.1:50051?isSecure=false', Port: 50_051 } },
      Meta: { weight: '7', team: 'stock' },
    });
  });

  it('spring has the gRPC port, the weight and the zone in Meta', () => {
    const { Meta } = stored(full, { format: 'spring' });
    expect(Meta).toMatchObject({ gRPC_port: '50051', weight: '7', zone: 'eu-1a', secure: 'false' });
  });

  it('kitex has its metadata as tags', () => {
    expect(stored(full, { format: 'kitex' })).toMatchObject({
      Tags: [...full.tags, 'team:stock', 'build.url:https://ci/1'],
      Weights: { Passing: 7 },
    });
  });
});

describe('metadata beyond the limits of Meta', () => {
  it.each<[string, Record<string, string>]>([
    ['a long value', { note: 'ü'.repeat(3_000) }],
    ['many pairs', Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`key${n}`, 'x']))],
    ['odd keys', { 'a.b': '1', '': '2', ключ: '3', __proto__x: '4' }],
  ])('%s is stored completely, within the limits of Consul', (_, metadata) => {
    const service = stored(instance({ metadata, version: '1', zone: 'z', protocol: 'grpc' }));
    const pairs = Object.entries(service.Meta ?? {});
    expect(pairs.length).toBeLessThanOrEqual(64);
    for (const [key, value] of pairs) {
      expect(key).toMatch(/^[\w-]{1,128}$/);
      expect(Buffer.byteLength(value)).toBeLessThanOrEqual(512);
    }
    expect(readAny(service, {}).metadata).toEqual(metadata);
  });

  it('of the largest record fits', () => {
    const metadata = Object.fromEntries([
      ...Array.from({ length: 60 }, (_, n) => [`k${n}`, 'v'] as const),
      ['bulk', 'x'.repeat(15_000)] as const,
    ]);
    const { Meta } = stored(instance({ metadata }), { format: 'spring' });
    expect(Object.keys(Meta ?? {}).length).toBeLessThanOrEqual(64);
  });
});

describe('a check', () => {
  const of = instance({ host: '::1', port: 9 });
  const written = (options: ConsulOptions) =>
    (writeRecord(of, consulSettings(options), announcedAt) as { Check: object }).Check;

  it.each<[ConsulOptions, object]>([
    [{ ttlMs: 3_000 }, { TTL: '3000ms' }],
    [
      { check: { kind: 'tcp', intervalMs: 1_000 } },
      { TCP: '[::1]:9', Interval: '1000ms', Timeout: '2000ms' },
    ],
    [{ check: { kind: 'grpc' } }, { GRPC: '[::1]:9', GRPCUseTLS: false, Interval: '5000ms' }],
    [
      { check: { kind: 'grpc', service: 'shop', tls: true, timeoutMs: 900 } },
      { GRPC: '[::1]:9/shop', GRPCUseTLS: true, Timeout: '900ms' },
    ],
    [{ check: { kind: 'http' } }, { HTTP: 'http://[::1]:9/healthz' }],
    [{ check: { kind: 'http', path: '/up', port: 80, tls: true } }, { HTTP: 'https://[::1]:80/up' }],
  ])('%j becomes %j and starts passing', (options, expected) => {
    expect(written(options)).toMatchObject({ ...expected, Status: 'passing' });
  });

  it('deregisterCriticalAfterMs is 0: Consul never removes it', () => {
    expect(written({ deregisterCriticalAfterMs: 0 })).not.toHaveProperty('DeregisterCriticalServiceAfter');
  });
});

describe('a record of another system', () => {
  it('kratos is read by its gRPC endpoint, version tag and weight', () => {
    const record = {
      ID: 'host-1/abc',
      Service: 'inventory',
      Address: '10.0.0.9',
      Port: 8_000,
      Tags: ['version=v2'],
      Meta: { weight: '20', team: 'x' },
      TaggedAddresses: {
        lan_ipv4: { Address: '10.0.0.9' },
        http: { Address: 'http://10.0.0.9:8000?isSecure=false' },
        grpc: { Address: 'grpc://[fd00::9]:9000?isSecure=false' },
      },
      Weights: { Passing: 1 },
    };
    expect(readAny(record, {})).toMatchObject({
      id: 'host-1_abc',
      host: 'fd00::9',
      port: 9_000,
      version: 'v2',
      weight: 20,
      protocol: 'grpc',
      metadata: { team: 'x' },
    });
    const { http } = record.TaggedAddresses;
    const withTls = { ...record, TaggedAddresses: { http, grpcs: { Address: 'grpcs://10.0.0.9:9001' } } };
    expect(readAny(withTls, {})).toMatchObject({ host: '10.0.0.9', port: 9_001, protocol: 'grpcs' });
  });

  it('Spring is read by gRPC_port, zone and weight of its Meta, with the address of its node', () => {
    const record = {
      ID: 'inventory-8080',
      Service: 'inventory',
      Address: '',
      Port: 8_080,
      Meta: { secure: 'false', zone: 'a', group: 'g', weight: '5', gRPC_port: '9090' },
      Weights: { Passing: 1 },
    };
    expect(readAny(record, { Address: '192.168.0.2' })).toMatchObject({
      host: '192.168.0.2',
      port: 9_090,
      zone: 'a',
      weight: 5,
      metadata: { secure: 'false', group: 'g' },
    });
  });

  it('kitex is read by its tags and Weights', () => {
    const record = {
      ID: 'inventory:10.0.0.3:8888',
      Service: 'inventory',
      Address: '10.0.0.3',
      Port: 8_888,
      Tags: ['cluster:blue', ''],
      Meta: null,
      Weights: { Passing: 10 },
    };
    expect(readAny(record, {})).toMatchObject({ port: 8_888, weight: 10, tags: ['cluster:blue'] });
  });

  it('invalid weight in its Meta: weight 1', () => {
    const record = { ID: 'a', Service: 'inventory', Address: 'h', Port: 1, Meta: { weight: '0.5' } };
    expect(readAny(record, {}).weight).toBe(1);
  });
});

it('a service whose name is no DNS label, as Spring writes it, is read', () => {
  const service = { ID: 'a', Service: 'USER-SERVICE.v2', Address: '10.0.0.1', Port: 80 };
  expect(readAny(service, { Node: 'n' })).toMatchObject({ service: 'USER-SERVICE.v2' });
});
