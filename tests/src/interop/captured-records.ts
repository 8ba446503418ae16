import { readFileSync } from 'node:fs';
import type { RegistryKind, RegistryServer } from '@rollcall/tools';
import { consulApi } from '../environments/http-api.js';
import { EtcdFixture } from '../registries/etcd-fixture.js';

/** A record of a greeter, with what differs from one instance to the next. */
interface WrittenRecord {
  readonly service: string;
  readonly id: string;
  readonly port: number;
  readonly text: string;
}

interface Captured {
  readonly source: string;
  readonly key?: string;
  readonly value?: string;
  readonly entry?: { readonly Service: ConsulService };
}

interface ConsulService {
  readonly ID: string;
  readonly Service: string;
  readonly Port: number;
  readonly [field: string]: unknown;
}

/** The record that was captured of `source`. */
export function capturedRecord(kind: RegistryKind, source: string): WrittenRecord {
  const captured = fixture(kind).find((each) => each.source === source);
  if (captured?.entry) return consulRecord(captured.entry.Service);
  if (captured?.key !== undefined && captured.value !== undefined) {
    return etcdRecord(captured.key, captured.value, 'greeter');
  }
  throw new Error(`no record of ${source} was captured`);
}

/** The only record of `service`. */
export async function writtenRecord(server: RegistryServer, service: string): Promise<WrittenRecord> {
  if (server.kind === 'consul') {
    const entries = await consulApi(server)('GET', `health/service/${service}`);
    return consulRecord((entries as readonly [{ readonly Service: ConsulService }])[0].Service);
  }
  const keys = await Promise.all(['/', service].map((prefix) => new EtcdFixture(server).get(prefix)));
  const record = keys.flat().find(({ key }) => key.includes(`${service}/`));
  if (!record) throw new Error(`etcd has no record of ${service}`);
  return etcdRecord(record.key, record.value, service);
}

/** The text of `record` as it would be if it had the service, id and port of `like`. */
export function textLike(record: WrittenRecord, like: WrittenRecord): string {
  return record.text
    .replaceAll(record.id, like.id)
    .replaceAll(String(record.port), String(like.port))
    .replaceAll(record.service, like.service);
}

function fixture(kind: RegistryKind): readonly Captured[] {
  const file = new URL(`../../../libs/discovery/src/fixtures/captured-${kind}-records.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as readonly Captured[];
}

function etcdRecord(key: string, value: string, service: string): WrittenRecord {
  const id = key.split('/').at(-1)!;
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(value)?.[1]);
  return { service, id, port, text: `${key} = ${value}` };
}

/** The fields that the one who registers sets. */
const consulFields = [
  'ID',
  'Service',
  'Tags',
  'Address',
  'Port',
  'Meta',
  'TaggedAddresses',
  'Weights',
] as const;

function consulRecord(service: ConsulService): WrittenRecord {
  const fields = Object.fromEntries(consulFields.map((field) => [field, service[field]]));
  return { service: service.Service, id: service.ID, port: service.Port, text: JSON.stringify(fields) };
}
