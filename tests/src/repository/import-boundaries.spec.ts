import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What each folder must not import, and examples of what it may: a rule that forbids everything would pass, too. */
const boundaries: Record<string, { forbidden: string[]; allowed: string[] }> = {
  'libs/contracts/src': {
    forbidden: ['@rollcall/discovery', '@rollcall/service-kit', '@nestjs/common'],
    allowed: ['@grpc/proto-loader'],
  },
  'libs/discovery/src': {
    forbidden: [
      '@nestjs/common',
      '@nestjs/core/a.js',
      'rxjs',
      '@rollcall/nest-discovery',
      '@rollcall/contracts',
      '@grpc/grpc-js',
      'etcd3',
      'cockatiel',
      'consul',
      'undici',
      'dns-packet',
      '@opentelemetry/api',
      './grpc/index.js',
      './http/index.js',
      './telemetry/index.js',
    ],
    allowed: ['@rollcall/discovery', './etcd/index.js', './watching/membership.js', './model/errors.js'],
  },
  'libs/discovery/src/grpc': {
    forbidden: [
      '@nestjs/common',
      '@opentelemetry/api',
      '@rollcall/service-kit',
      'etcd3',
      'consul',
      '../etcd/index.js',
      '../static/index.js',
      '../telemetry/index.js',
      '../watching/membership.js',
      '../registering/registration.js',
      '../backend/backend.js',
      '../testing/index.js',
    ],
    allowed: ['@grpc/grpc-js', '../registry.js', '../model/errors.js', '../runtime/timer.js'],
  },
  'libs/discovery/src/grpc/resolver': {
    forbidden: [
      '../../etcd/index.js',
      '../../index.js',
      '../../http/index.js',
      '../../watching/membership-state.js',
    ],
    allowed: ['../client/client.js', '../../registry.js'],
  },
  'libs/discovery/src/http': {
    forbidden: [
      '@nestjs/common',
      '@rollcall/service-kit',
      '@grpc/grpc-js',
      'etcd3',
      '../etcd/index.js',
      '../watching/membership.js',
      '../backend/backend.js',
      '../grpc/index.js',
    ],
    allowed: ['undici', '../registry.js', '../model/errors.js'],
  },
  'libs/discovery/src/etcd': {
    forbidden: [
      '@nestjs/common',
      '@rollcall/service-kit',
      '@grpc/grpc-js',
      'consul',
      '../consul/index.js',
      '../grpc/index.js',
      '../registry.js',
      '../watching/debounce.js',
    ],
    allowed: ['etcd3', 'cockatiel', '../backend/backend.js', '../model/errors.js', '../runtime/timer.js'],
  },
  'libs/discovery/src/consul': {
    forbidden: [
      '@nestjs/common',
      '@rollcall/service-kit',
      '@grpc/grpc-js',
      'etcd3',
      '../etcd/index.js',
      '../registry.js',
      '../registering/registration.js',
    ],
    allowed: ['consul', '../backend/backend.js', './formats.js'],
  },
  'libs/discovery/src/file': {
    forbidden: ['consul', '../static/index.js', '../registry.js'],
    allowed: ['../backend/backend.js', '../model/errors.js'],
  },
  'libs/discovery/src/srv': {
    forbidden: ['consul', '../consul/index.js', '../registry.js', '../watching/membership.js'],
    allowed: ['dns-packet', '../backend/backend.js', '../model/errors.js'],
  },
  'libs/discovery/src/static': {
    forbidden: ['undici', '../file/index.js', '../watching/membership.js'],
    allowed: ['../backend/backend.js', '../model/errors.js'],
  },
  'libs/discovery/src/registering': {
    forbidden: ['../registry.js', '../watching/membership.js', '../consul/index.js', '../grpc/index.js'],
    allowed: ['../backend/backend.js', '../model/errors.js', '../runtime/backoff.js', './registration.js'],
  },
  'libs/discovery/src/watching': {
    forbidden: [
      '../registry.js',
      '../registering/registration.js',
      '../file/index.js',
      '../testing/index.js',
    ],
    allowed: ['../backend/backend.js', '../model/errors.js', '../runtime/backoff.js'],
  },
  'libs/discovery/src/backend': {
    forbidden: ['../watching/membership.js', '../registry.js', '../etcd/index.js'],
    allowed: ['../model/errors.js', '../runtime/timer.js'],
  },
  'libs/discovery/src/events': {
    forbidden: ['../backend/backend.js', '../watching/membership.js', '../registry.js', '../grpc/index.js'],
    allowed: ['../model/errors.js', '../runtime/timer.js'],
  },
  'libs/discovery/src/telemetry': {
    forbidden: ['@grpc/grpc-js', 'undici', '../grpc/index.js', '../registry.js', '../watching/membership.js'],
    allowed: ['@opentelemetry/api', '../events/on-event.js', '../model/errors.js'],
  },
  'libs/discovery/src/shutdown': {
    forbidden: [
      '../registry.js',
      '../registering/registration.js',
      '../backend/backend.js',
      '../grpc/index.js',
    ],
    allowed: ['../model/errors.js', '../runtime/timer.js', './termination.js'],
  },
  'libs/discovery/src/http/serving': {
    forbidden: ['undici', '../discover-http.js', '../index.js', '../../registry.js', '../../grpc/index.js'],
    allowed: ['../../shutdown/serving.js', '../../runtime/timer.js', './http-connections.js'],
  },
  'libs/discovery/src/model': {
    forbidden: ['../backend/backend.js', '../watching/membership.js', '../index.js'],
    allowed: ['../runtime/timer.js', './errors.js'],
  },
  'libs/discovery/src/runtime': {
    forbidden: ['../backend/backend.js', '../registry.js'],
    allowed: ['../model/errors.js', './timer.js'],
  },
  'libs/nest-discovery/src': {
    forbidden: ['@rollcall/service-kit', '@rollcall/contracts', 'etcd3', 'consul'],
    allowed: ['@rollcall/discovery', '@rollcall/discovery/grpc', '@nestjs/common', '@grpc/grpc-js'],
  },
  'libs/service-kit/src': {
    forbidden: ['@rollcall/contracts', '@rollcall/inventory', 'etcd3', 'consul'],
    allowed: ['@rollcall/nest-discovery', '@rollcall/discovery', '@nestjs/core', '@grpc/grpc-js'],
  },
  'apps/review/src': {
    forbidden: ['@rollcall/inventory', '@rollcall/aggregator', '@rollcall/tools', 'etcd3', 'consul'],
    allowed: [
      '@rollcall/contracts',
      '@rollcall/service-kit/http',
      '@rollcall/discovery/grpc',
      '@nestjs/common',
    ],
  },
};

interface Finding {
  code: string;
  filename: string;
}

let tree: string;
let findings: Finding[];

/** The findings of one rule in one file of the probe tree. */
const findingsOf = (file: string, rule: string) =>
  findings.filter((finding) => finding.filename === file && finding.code.includes(rule));

const fileOf = (folder: string, specifier: string) => `${folder}/${specifier.replace(/\W+/g, '-')}-probe.ts`;

/** Findings in single files: specs are exempt from the layers of discovery alone, and dynamic imports count. */
const singleProbes: Record<string, { source: string; count: number }> = {
  'libs/discovery/src/model/upwards.spec.ts': { source: "export { name } from '../registry.js';", count: 0 },
  'libs/discovery/src/grpc/backend.spec.ts': { source: "export { name } from '../etcd/index.js';", count: 1 },
  'apps/review/src/dynamic.ts': { source: "export const load = () => import('etcd3');", count: 1 },
  'apps/review/src/star.ts': { source: "export * from '@rollcall/inventory';", count: 1 },
};
const environmentProbes = {
  'apps/review/src/environment.ts': 0,
  'libs/service-kit/src/lifecycle/graceful-shutdown.ts': 1,
};

beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), 'rollcall-boundaries-'));
  for (const file of ['.oxlintrc.json', 'tools/import-boundaries.mjs']) {
    await cp(join(root, file), join(tree, file));
  }
  const probe = async (file: string, source: string) => {
    await mkdir(join(tree, dirname(file)), { recursive: true });
    await writeFile(join(tree, file), source);
  };
  for (const [folder, { forbidden, allowed }] of Object.entries(boundaries)) {
    for (const specifier of [...forbidden, ...allowed]) {
      await probe(fileOf(folder, specifier), `export { name } from '${specifier}';\n`);
    }
  }
  for (const [file, { source }] of Object.entries(singleProbes)) await probe(file, source);
  for (const file of Object.keys(environmentProbes)) {
    await probe(file, 'export const port = process.env.PORT;\n');
  }
  const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
  const report = await new Promise<string>((resolve) => {
    execFile(process.execPath, [oxlint, '-f', 'json'], { cwd: tree, maxBuffer: 1 << 24 }, (_, stdout) =>
      resolve(stdout),
    );
  });
  findings = (JSON.parse(report) as { diagnostics: Finding[] }).diagnostics;
});

afterAll(() => rm(tree, { recursive: true, force: true }));

describe.each(Object.entries(boundaries))('%s', (folder, { forbidden, allowed }) => {
  it.each(forbidden)('forbids importing %s', (specifier) => {
    expect(findingsOf(fileOf(folder, specifier), 'import-boundaries')).toHaveLength(1);
  });

  it.each(allowed)('allows importing %s', (specifier) => {
    expect(findingsOf(fileOf(folder, specifier), 'import-boundaries')).toEqual([]);
  });
});

it.each(Object.entries(singleProbes))('%s', (file, { count }) => {
  expect(findingsOf(file, 'import-boundaries')).toHaveLength(count);
});

it.each(Object.entries(environmentProbes))('process.env read in %s: %i findings', (file, count) => {
  expect(findingsOf(file, 'no-process-env')).toHaveLength(count);
});
