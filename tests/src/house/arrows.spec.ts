import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What each folder must not import, and beside it what it may: a rule that forbids everything proves nothing. */
const arrows: Record<string, { refused: string[]; allowed: string[] }> = {
  'libs/contracts/src': {
    refused: ['@rollcall/discovery', '@rollcall/service-kit', '@nestjs/common'],
    allowed: ['@grpc/proto-loader'],
  },
  'libs/discovery/src': {
    refused: [
      '@nestjs/common',
      '@nestjs/core/a.js',
      'rxjs',
      '@rollcall/nest-discovery',
      '@rollcall/contracts',
    ].concat(['@grpc/grpc-js', 'etcd3', 'cockatiel', 'consul', 'undici']),
    allowed: ['@rollcall/discovery', './etcd/index.js'],
  },
  'libs/discovery/src/grpc': {
    refused: ['@nestjs/common', '@rollcall/service-kit', 'etcd3', 'consul', '../etcd/index.js'],
    allowed: ['@grpc/grpc-js', '../registry.js'],
  },
  'libs/discovery/src/http': {
    refused: ['@nestjs/common', '@rollcall/service-kit', '@grpc/grpc-js', 'etcd3', '../etcd/index.js'],
    allowed: ['undici', '../registry.js'],
  },
  'libs/discovery/src/etcd': {
    refused: ['@nestjs/common', '@rollcall/service-kit', '@grpc/grpc-js', 'consul', '../consul/index.js'],
    allowed: ['etcd3', 'cockatiel', '../backend.js'],
  },
  'libs/discovery/src/consul': {
    refused: ['@nestjs/common', '@rollcall/service-kit', '@grpc/grpc-js', 'etcd3', '../etcd/index.js'],
    allowed: ['consul', '../backend.js'],
  },
  'libs/nest-discovery/src': {
    refused: ['@rollcall/service-kit', '@rollcall/contracts', 'etcd3', 'consul'],
    allowed: ['@rollcall/discovery', '@rollcall/discovery/grpc', '@nestjs/common', '@grpc/grpc-js'],
  },
  'libs/service-kit/src': {
    refused: ['@rollcall/contracts', '@rollcall/inventory', 'etcd3', 'consul'],
    allowed: ['@rollcall/nest-discovery', '@rollcall/discovery', '@nestjs/core', '@grpc/grpc-js'],
  },
  'apps/review/src': {
    refused: ['@rollcall/inventory', '@rollcall/aggregator', '@rollcall/tools', 'etcd3', 'consul'],
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

/** The findings of one rule in one file of the little tree. */
const refusals = (file: string, rule: string) =>
  findings.filter((finding) => finding.filename === file && finding.code.includes(rule));

const fileOf = (folder: string, specifier: string) => `${folder}/${specifier.replace(/\W+/g, '-')}-probe.ts`;
const environmentProbes = {
  'apps/review/src/environment.ts': 0,
  'libs/service-kit/src/lifecycle/graceful-shutdown.ts': 1,
};

beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), 'rollcall-arrows-'));
  for (const file of ['.oxlintrc.json', 'tools/import-boundaries.mjs']) {
    await cp(join(root, file), join(tree, file));
  }
  const probe = async (file: string, source: string) => {
    await mkdir(join(tree, dirname(file)), { recursive: true });
    await writeFile(join(tree, file), source);
  };
  for (const [folder, { refused, allowed }] of Object.entries(arrows)) {
    for (const specifier of [...refused, ...allowed]) {
      await probe(fileOf(folder, specifier), `export { name } from '${specifier}';\n`);
    }
  }
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

describe.each(Object.entries(arrows))('%s', (folder, { refused, allowed }) => {
  it.each(refused)('importing %s is refused', (specifier) => {
    expect(refusals(fileOf(folder, specifier), 'import-boundaries')).toHaveLength(1);
  });

  it.each(allowed)('importing %s is fine', (specifier) => {
    expect(refusals(fileOf(folder, specifier), 'import-boundaries')).toEqual([]);
  });
});

it.each(Object.entries(environmentProbes))('reading process.env in %s: %i refusals', (file, count) => {
  expect(refusals(file, 'no-process-env')).toHaveLength(count);
});
