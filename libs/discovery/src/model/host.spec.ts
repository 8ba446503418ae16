import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRecord } from '../consul/read-record.js';
import { consulFormats } from '../consul/formats.js';
import { etcdFormats } from '../etcd/formats/index.js';
import { Layout } from '../etcd/layout.js';
import { fileBackend } from '../file/index.js';
import { isLoopback, isWildcard } from './host.js';
import { defineInstance } from './instance.js';
import { Registry } from '../registry.js';

const good = defineInstance({ id: 'good', service: 'goods', host: '10.0.0.1', port: 1 });

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rollcall-wildcard-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe.each(['0.0.0.0', '::'])('a foreign record with host %s', (host) => {
  it('in a directory: only this record is left out', async () => {
    for (const instance of [good, { ...good, id: 'bad', host }]) {
      await writeFile(join(directory, `goods.${instance.id}.json`), JSON.stringify({ instance }));
    }
    const registry = new Registry(fileBackend({ directory }));
    const watch = registry.watch('goods');
    expect((await watch.ready()).instances).toEqual([good]);
    expect(watch.why().rejected.last).toEqual([
      { key: 'goods.bad.json', reason: expect.stringContaining(`host "${host}"`) },
    ]);
    await registry.close();
  });

  it('in etcd is rejected as unreadable', () => {
    const layout = new Layout(etcdFormats.grpc, '', 'id');
    const address = host.includes(':') ? `[${host}]:80` : `${host}:80`;
    const value = Buffer.from(JSON.stringify({ Op: 0, Addr: address, Metadata: null }));
    expect(() => layout.read('goods/bad', value)).toThrow(/^INVALID_RECORD: .*wildcard address/);
  });

  it('in Consul is rejected as unreadable', () => {
    const service = { ID: 'bad', Service: 'goods', Address: host, Port: 80 };
    expect(() => readRecord(service, { Node: 'n', Address: '10.0.0.1' }, consulFormats.rollcall)).toThrow(
      /^INVALID_RECORD: .*wildcard address/,
    );
  });
});

it.each([
  '127.0.0.1',
  '127.9.9.9',
  '::1',
  '0:0:0:0:0:0:0:1',
  '::1%lo',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  'localhost',
  'LOCALHOST.',
  'a.localhost',
])('%s is loopback', (host) => {
  expect([isLoopback(host), isWildcard(host)]).toEqual([true, false]);
});

it.each(['0.0.0.0', '::', '0:0::0', '::ffff:0.0.0.0', '::ffff:0:0', '::%eth0', ''])(
  '"%s" is a wildcard',
  (host) => {
    expect([isLoopback(host), isWildcard(host)]).toEqual([false, true]);
  },
);

it.each(['10.0.0.1', '2001:db8::1', '::ffff:10.0.0.1', 'registry.example', 'localhost.example'])(
  '%s is neither loopback nor a wildcard',
  (host) => {
    expect([isLoopback(host), isWildcard(host)]).toEqual([false, false]);
  },
);
