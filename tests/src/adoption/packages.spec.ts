import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { root } from '../repository/documents.js';
import { run } from './npm.js';

interface Manifest {
  readonly dependencies?: object;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly typesVersions: { readonly '*': Readonly<Record<string, readonly string[]>> };
}

const kB = 1_000;

const peers = [
  '@grpc/*',
  '@nestjs/*',
  '@opentelemetry/*',
  'consul',
  'dns-packet',
  'etcd3',
  'reflect-metadata',
  'rxjs',
  'undici',
];

/** What the package may weigh at most: the tarball, and a minified bundle of each subpath without its peers, in bytes. */
const limits: Record<string, { files: number; tarball: number; bundles: Record<string, number> }> = {
  '@rollcall/discovery': {
    files: 520,
    tarball: 290 * kB,
    bundles: {
      '.': 150 * kB,
      './consul': 60 * kB,
      './etcd': 60 * kB,
      './file': 60 * kB,
      './grpc': 150 * kB,
      './http': 120 * kB,
      './http-server': 40 * kB,
      './srv': 40 * kB,
      './static': 20 * kB,
      './telemetry': 30 * kB,
      './testing': 130 * kB,
    },
  },
  '@rollcall/nest-discovery': {
    files: 100,
    tarball: 50 * kB,
    bundles: { '.': 60 * kB, './grpc-server': 40 * kB, './health': 20 * kB },
  },
};

describe.each(Object.entries(inject('tarballs')))('%s', (name, tarball) => {
  const limit = limits[name]!;
  let directory: string;
  let folder: string;
  let files: readonly string[];
  let manifest: Manifest;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rollcall-package-'));
    folder = join(directory, 'node_modules', name);
    await mkdir(folder, { recursive: true });
    files = (await run(directory, 'tar', '-tzf', tarball)).trim().split('\n');
    await run(directory, 'tar', '-xzf', tarball, '-C', folder, '--strip-components=1');
    manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const subpaths = () => Object.keys(manifest.exports).filter((subpath) => subpath !== './package.json');

  it('contains what runs and what is read, and nothing else', async () => {
    const { size } = await stat(tarball);
    console.log(`${name}: tarball ${Math.round(size / kB)} kB, ${files.length} files`);
    expect(
      files.filter(
        (file) =>
          !/^package\/(dist\/.*\.(js|d\.ts)|(README|CHANGELOG)\.md|LICENSE|package\.json)$/.test(file),
      ),
    ).toEqual([]);
    expect(files.filter((file) => /\.spec\.|\/fixtures\//.test(file))).toEqual([]);
    for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE']) expect(files).toContain(`package/${file}`);
    expect(await readFile(join(folder, 'LICENSE'), 'utf8')).toBe(await readFile(`${root}LICENSE`, 'utf8'));
    expect(files.length).toBeLessThanOrEqual(limit.files);
    expect(size).toBeLessThanOrEqual(limit.tarball);
  });

  it('names the declarations of every subpath for `moduleResolution: node` too', () => {
    const named = Object.keys(manifest.typesVersions['*']).map((subpath) => `./${subpath}`);
    expect(['.', ...named].toSorted()).toEqual(subpaths().toSorted());
  });

  it('the import of each subpath has a bounded size: bundled and minified, without peers', async () => {
    expect(subpaths().toSorted()).toEqual(Object.keys(limit.bundles).toSorted());
    const tooLarge: string[] = [];
    for (const subpath of subpaths()) {
      const specifier = name + subpath.slice(1);
      const { outputFiles } = await build({
        stdin: { contents: `export * from '${specifier}'`, resolveDir: directory },
        bundle: true,
        minify: true,
        write: false,
        format: 'esm',
        platform: 'node',
        external: name === '@rollcall/discovery' ? peers : [...peers, '@rollcall/discovery'],
      });
      const [bundle] = outputFiles;
      console.log(`${specifier}: ${(bundle!.contents.length / kB).toFixed(1)} kB`);
      if (bundle!.contents.length > limit.bundles[subpath]!) tooLarge.push(specifier);
    }
    expect(tooLarge).toEqual([]);
  });
});

describe('@rollcall/discovery', () => {
  it('needs no other package: what works without a peer is imported where nothing is installed', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'rollcall-alone-'));
    const folder = join(directory, 'node_modules/@rollcall/discovery');
    try {
      await mkdir(folder, { recursive: true });
      const tarball = inject('tarballs')['@rollcall/discovery']!;
      await run(directory, 'tar', '-xzf', tarball, '-C', folder, '--strip-components=1');
      const names = ['', '/file', '/static', '/testing', '/http-server'].map(
        (subpath) => `@rollcall/discovery${subpath}`,
      );
      const program = names.map((each) => `import '${each}';`).join('');
      await run(directory, process.execPath, '--input-type=module', '-e', program);
      const withoutPeer = run(directory, process.execPath, '-e', "require('@rollcall/discovery/grpc')");
      await expect(withoutPeer).rejects.toThrow(
        /Cannot find package '@grpc\/grpc-js' imported from .*\/npm-install\/@grpc\/grpc-js\.js/,
      );
      const { dependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
      expect(dependencies).toBeUndefined();
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
