import type { ConfigurationSection } from './section.js';

const discovery = 'libs/discovery/src';

export const registrySections: readonly ConfigurationSection[] = [
  {
    title: 'A registry',
    text: '`openRegistry(url, options)`, and `new Registry(backend, options)` for a backend of your own. In Nest: `ServiceDiscoveryModule.forRoot(options)`.',
    tables: [
      {
        title: 'OpenRegistryOptions',
        file: `${discovery}/open-registry.ts`,
        interface: 'OpenRegistryOptions',
      },
      { title: 'RegistryOptions', file: `${discovery}/registry.ts`, interface: 'RegistryOptions' },
      {
        title: 'MembershipOptions',
        text: 'Options of a registry, too: how its lists are watched.',
        file: `${discovery}/watching/membership-options.ts`,
        interface: 'MembershipOptions',
      },
      {
        title: 'ShrinkGuardOptions',
        text: 'How mass removals are held back: `shrinkGuard` of a registry.',
        file: `${discovery}/watching/shrink-guard.ts`,
        interface: 'ShrinkGuardOptions',
      },
      {
        title: 'SnapshotOptions',
        text: '`snapshot` of a registry.',
        file: `${discovery}/watching/snapshot.ts`,
        interface: 'SnapshotOptions',
      },
      {
        title: 'BackoffOptions',
        text: '`backoff` of a registry: the delay between attempts to register or to watch.',
        file: `${discovery}/runtime/backoff.ts`,
        interface: 'BackoffOptions',
      },
    ],
  },
  {
    title: 'Consul',
    text: '`consul://agent:8500?dc=eu`, `consul+tls://:token@agent:8501?ca=/etc/consul/ca.pem`, or `consulBackend(options)`.',
    tables: [
      {
        title: 'ConsulOptions',
        file: `${discovery}/consul/options.ts`,
        interface: 'ConsulOptions',
        url: `${discovery}/consul/from-url.ts`,
      },
    ],
  },
  {
    title: 'etcd',
    text: '`etcd://user:password@h1:2379,h2:2379/?prefix=shop/`, `etcd+tls://h1?ca=/etc/etcd/ca.pem`, or `etcdBackend(options)`.',
    tables: [
      {
        title: 'EtcdOptions',
        file: `${discovery}/etcd/options.ts`,
        interface: 'EtcdOptions',
        url: `${discovery}/etcd/from-url.ts`,
      },
    ],
  },
  {
    title: 'DNS',
    text: '`srv://127.0.0.1:8600/{service}.service.consul`, `srv:///_grpc._tcp.{service}.example.org`, or `srvBackend(options)`. Only watched: see [Services in DNS](architecture.md#services-in-dns).',
    tables: [
      {
        title: 'SrvOptions',
        file: `${discovery}/srv/options.ts`,
        interface: 'SrvOptions',
        url: `${discovery}/srv/from-url.ts`,
      },
    ],
  },
  {
    title: 'A directory',
    text: '`file:///run/rollcall`, or `fileBackend(options)`. For the processes of one machine.',
    tables: [
      {
        title: 'FileOptions',
        file: `${discovery}/file/options.ts`,
        interface: 'FileOptions',
        url: `${discovery}/file/index.ts`,
      },
    ],
  },
  {
    title: 'TLS to a registry',
    tables: [
      {
        title: 'RegistryTls',
        text: '`tls` of Consul and etcd. In a URL with `+tls`, `ca`, `cert` and `key` are paths of PEM files.',
        file: `${discovery}/backend/backend-options.ts`,
        interface: 'RegistryTls',
      },
    ],
  },
];
