/** Values in place of a record from which no instance can be read. */
export const unreadableValues: Readonly<Record<string, string>> = {
  'bad-json': '{"Op":0,"Addr":"127.0.0.1',
  'not-text': '\u0000\u0001\u0002',
  empty: '',
  'a-list': '[1,2,3]',
  'a-null': 'null',
  'bad-port': JSON.stringify({ Op: 0, Addr: '127.0.0.1:99999', Metadata: null }),
  'no-port': JSON.stringify({ Op: 0, Addr: '127.0.0.1', Metadata: null }),
  'wrong-types': JSON.stringify({ Op: 'add', Addr: { host: 7 }, Metadata: 3 }),
  foreign: 'kind: ConfigMap\nmetadata:\n  name: settings\n',
  deep: `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  'deep-object': `${'{"Metadata":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
  prototype: '{"__proto__":{"Addr":"127.0.0.1:1"},"constructor":{"prototype":{"Addr":"127.0.0.1:1"}}}',
  large: JSON.stringify({ Op: 0, Addr: '127.0.0.1:1', Metadata: 'x'.repeat(1_500_000) }),
};
