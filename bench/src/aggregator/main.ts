import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppProcess, type ServiceName } from '@rollcall/tools';
import { median, withSpread } from '../statistics.js';
import { WorkerProcess } from '../worker-process.js';
import {
  type LoadReport,
  type LoadRequest,
  type Measurement,
  requestsInFlight,
  type Variant,
  variants,
} from './messages.js';
import { PageServer, type PageServerOptions } from './page-server.js';

const rounds = 7;
/** Numbers of requests, not times: how much of the code is compiled depends on it. */
const warmUpRequests = 3_000;
const measuredRequests = 1_500;
const replicas = 2;
const paths = [
  'hp-aria',
  'hp-fern',
  'kb-anvil',
  'kb-wren',
  'lp-heron',
  'lp-moss',
  'sp-pebble',
  'sp-tuba',
].map((id) => `/api/products/${id}`);

const directory = await mkdtemp(join(tmpdir(), 'rollcall-bench-'));
const registryUrl = pathToFileURL(directory).href;
const instances: AppProcess[] = [];
const load = await WorkerProcess.start<LoadRequest, LoadReport>(new URL('./load.js', import.meta.url));
const measurements: Record<Variant, Measurement[]> = { ours: [], nest: [], 'hand-written': [] };
try {
  const addresses = {
    product: await startService('product-detail'),
    inventory: await startService('inventory'),
    review: await startService('review'),
  };
  let expectedPages: readonly string[] | undefined;
  // The first round is a warm-up of the services.
  for (let round = 0; round <= rounds; round++) {
    const first = round % variants.length;
    for (const variant of [...variants.slice(first), ...variants.slice(0, first)]) {
      const { pages, measurement } = await measure({ variant, registryUrl, addresses });
      expectedPages ??= pages;
      assertSamePages(variant, pages, expectedPages);
      if (round > 0) measurements[variant].push(measurement);
    }
  }
} finally {
  load.stop();
  await Promise.all(instances.map((instance) => instance.stop(5_000)));
}
await rm(directory, { recursive: true, force: true, maxRetries: 5 });
print();

/** Returns the addresses of the instances. */
async function startService(app: ServiceName): Promise<string[]> {
  const start = async (_: unknown, index: number) => {
    const env = { REGISTRY_URL: registryUrl, HOST: '127.0.0.1', PORT: '0' };
    const instance = await AppProcess.start({ app, id: `${app}-${index + 1}`, env });
    instances.push(instance);
    return (await instance.event('listening')).address!;
  };
  return Promise.all(Array.from({ length: replicas }, start));
}

/** Uses a new process each time, so that the chances of JIT compilation are not the same in all rounds. */
async function measure(options: PageServerOptions) {
  const server = await PageServer.start(options, paths[0]!);
  try {
    const pages = await Promise.all(paths.map((path) => server.page(path)));
    await load.request({ url: server.url, paths, requests: warmUpRequests });
    const cpuUsBefore = await server.cpuUs();
    const report = await load.request({ url: server.url, paths, requests: measuredRequests });
    const cpuUs = (await server.cpuUs()) - cpuUsBefore;
    return { pages, measurement: { ...report, cpuUsPerRequest: cpuUs / measuredRequests } };
  } finally {
    server.stop();
  }
}

/** Equal to the byte, except for what differs between two requests: times, instances, and stock. */
function assertSamePages(variant: Variant, pages: readonly string[], expected: readonly string[]): void {
  const stable = (page: string) =>
    page.replaceAll(/"(tookMs|stock)":[\d.]+/g, '"$1":0').replaceAll(/("servedBy":"[a-z-]+)\d"/g, '$1"');
  for (const [index, page] of pages.entries()) {
    if (stable(page) === stable(expected[index]!)) continue;
    throw new Error(`${paths[index]} of ${variant} is\n${page}\nexpected\n${expected[index]}`);
  }
}

function print(): void {
  const values = (variant: Variant, name: keyof Measurement) =>
    measurements[variant].map((each) => each[name]);
  const summary = (variant: Variant) =>
    `  ${variant.padEnd(12)} ${withSpread(values(variant, 'requestsPerSecond'), 0)} requests/s, ` +
    `${withSpread(values(variant, 'cpuUsPerRequest'), 0)} us of CPU a request, ` +
    `p50 ${withSpread(values(variant, 'p50Ms'), 0)} ms, p99 ${withSpread(values(variant, 'p99Ms'), 0)} ms, ` +
    `${values(variant, 'incomplete').reduce((sum, count) => sum + count)} incomplete pages`;
  const ratio = (variant: Variant, baseline: Variant, name: keyof Measurement) =>
    values(variant, name).map((value, round) => value / values(baseline, name)[round]!);
  const ratios = (variant: Variant, baseline: Variant) => ({
    rate: ratio(variant, baseline, 'requestsPerSecond'),
    cpu: ratio(variant, baseline, 'cpuUsPerRequest'),
  });
  const ours = ratios('ours', 'hand-written');
  const nest = ratios('nest', 'hand-written');
  const oursOnNest = ratios('ours', 'nest');
  console.log(`
${replicas} instances of each of 3 services, ${requestsInFlight} requests in flight; median of ${rounds} rounds (least..most)
${variants.map(summary).join('\n')}
  ours against hand-written: rate ${withSpread(ours.rate, 3)}, goal 0.95: ${median(ours.rate) >= 0.95 ? 'met' : 'MISSED'}
  ours against hand-written: CPU  ${withSpread(ours.cpu, 3)}, goal 1.10: ${median(ours.cpu) <= 1.1 ? 'met' : 'MISSED'}
  Nest against hand-written: rate ${withSpread(nest.rate, 3)}, CPU ${withSpread(nest.cpu, 3)}
  ours against Nest:         rate ${withSpread(oursOnNest.rate, 3)}, CPU ${withSpread(oursOnNest.cpu, 3)}`);
}
