import { readdirSync, readFileSync } from 'node:fs';
import type { DefaultTheme } from 'vitepress';

const folder = new URL('../../docs/decisions/', import.meta.url);

/** Their titles, as in the first line: `# 3. Containers`. */
const decisions = readdirSync(folder)
  .toSorted()
  .map((file) => ({
    text: /^# (.+)$/m.exec(readFileSync(new URL(file, folder), 'utf8'))![1]!,
    link: `/decisions/${file.replace('.md', '')}`,
  }));

/** Every page of `docs/`, in the order of reading. A test fails if one is missing. */
export const sidebar: DefaultTheme.SidebarItem[] = [
  {
    text: 'Start',
    items: [
      { text: 'Overview', link: '/' },
      { text: 'Getting started', link: '/getting-started' },
      { text: 'Use in your own service', link: '/your-service' },
      { text: 'From DNS or fixed addresses', link: '/moving-from-dns' },
      { text: 'From ClientsModule', link: '/moving-from-clients-module' },
    ],
  },
  {
    text: 'Use',
    items: [
      { text: 'Configuration', link: '/configuration' },
      { text: 'Testing your service', link: '/testing' },
      { text: 'Kubernetes', link: '/kubernetes' },
      { text: 'Observability', link: '/observability' },
      { text: 'Troubleshooting', link: '/troubleshooting' },
      { text: 'Errors', link: '/errors' },
      { text: 'Upgrading a copied library', link: '/upgrading-a-copy' },
    ],
  },
  {
    text: 'Understand',
    items: [
      { text: 'Semantics', link: '/semantics' },
      { text: 'Architecture', link: '/architecture' },
      { text: 'Performance', link: '/performance' },
      { text: 'Benchmarks', link: '/benchmarks' },
      { text: 'Lists and changes', link: '/benchmarks/membership' },
      { text: 'Calls under faults', link: '/faults/calls' },
      { text: 'Registries under faults', link: '/faults/registries' },
      { text: 'The five systems it grew from', link: '/seeds' },
      { text: 'Glossary', link: '/glossary' },
    ],
  },
  {
    text: 'Extend',
    items: [
      { text: 'Writing a backend', link: '/writing-a-backend' },
      { text: 'Adding a service', link: '/adding-a-service' },
    ],
  },
  {
    text: 'API',
    items: [
      { text: 'discovery', link: '/api/discovery' },
      { text: 'discovery/grpc', link: '/api/discovery/grpc' },
      { text: 'discovery/http', link: '/api/discovery/http' },
      { text: 'discovery/http-server', link: '/api/discovery/http-server' },
      { text: 'discovery/consul', link: '/api/discovery/consul' },
      { text: 'discovery/etcd', link: '/api/discovery/etcd' },
      { text: 'discovery/file', link: '/api/discovery/file' },
      { text: 'discovery/srv', link: '/api/discovery/srv' },
      { text: 'discovery/static', link: '/api/discovery/static' },
      { text: 'discovery/telemetry', link: '/api/discovery/telemetry' },
      { text: 'discovery/testing', link: '/api/discovery/testing' },
      { text: 'nest-discovery', link: '/api/nest-discovery' },
      { text: 'nest-discovery/grpc-server', link: '/api/nest-discovery/grpc-server' },
      { text: 'nest-discovery/health', link: '/api/nest-discovery/health' },
    ],
  },
  {
    text: 'Project',
    items: [
      { text: 'Scope', link: '/scope' },
      {
        text: 'Decisions',
        collapsed: true,
        items: decisions,
      },
    ],
  },
];
