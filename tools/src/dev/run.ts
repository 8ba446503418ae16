import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { defaultRegistryUrl, openRegistry, redactUrl } from '@rollcall/discovery';
import { runningDemoRegistries } from '../demo/demo-registry.js';
import { readEnvironment } from '../environment.js';
import { freePort, isFree } from '../processes/free-port.js';
import { repositoryRoot } from '../repository-root.js';
import { listenHost } from '../system/system.js';
import { UsageError } from '../usage-error.js';
import { compile, watchSources } from './compile.js';
import { composedShop } from './composed-shop.js';
import { DevInstance } from './dev-instance.js';
import type { DevOptions } from './options.js';

const defaultInspectorPort = 9_229;
/** How long to wait for the list of instances, which is only for information. */
const listTimeoutMs = 3_000;

/** The folders of apps/. */
export function listApps(): readonly string[] {
  return readdirSync(`${repositoryRoot}apps`).filter((name) =>
    existsSync(`${repositoryRoot}apps/${name}/package.json`),
  );
}

/** Runs the instance until `stop` aborts, and drains it then; `kill` cuts that short. */
export async function runDev(options: DevOptions, stop: AbortSignal, kill: AbortSignal): Promise<void> {
  const { app } = options;
  const env = serviceEnvironment(options);
  const registryUrl = env['REGISTRY_URL']!;
  const inspector = `127.0.0.1:${await inspectorPort(options.port)}`;
  const print = (line: string) => void process.stdout.write(`  ${line}\n`);

  print(`${env['INSTANCE_ID']} registers in ${redactUrl(registryUrl)}`);
  print(`attach a debugger to ${inspector}; set breakpoints in apps/${app}/src`);
  print('a change of the sources restarts it; Ctrl-C deregisters and stops it');

  const instance = new DevInstance({
    app,
    env,
    inspector,
    breakAtStart: options.break,
    compile: () => compile(app, print),
    onLine: (line) => void process.stdout.write(`${line}\n`),
    onEvent({ event }) {
      if (event === 'registered') void describeOthers(app, registryUrl, env['INSTANCE_ID']!).then(print);
    },
    onExit: (code) => print(`${app} exited (${code}); a change of its sources starts it again`),
  });
  const unwatch = watchSources(app, () => void instance.restart());
  kill.addEventListener('abort', () => instance.kill());
  await instance.restart();
  if (!stop.aborted) await once(stop, 'abort');
  unwatch();
  await instance.stop();
}

/** The variables of the user, and what they leave open. */
function serviceEnvironment({ app, compose }: DevOptions): NodeJS.ProcessEnv {
  const { inherited, service } = readEnvironment();
  const shop = compose ? composedShop() : undefined;
  const registryUrl = shop?.registryUrl ?? service['REGISTRY_URL'] ?? demoRegistry() ?? defaultRegistryUrl;
  return {
    ...inherited,
    HOST: shop?.host ?? listenHost(registryUrl),
    PORT: '0',
    INSTANCE_ID: `${app}-dev-${randomBytes(2).toString('hex')}`,
    ...service,
    REGISTRY_URL: registryUrl,
  };
}

/** Of the demo that runs on this machine, if there is one. */
function demoRegistry(): string | undefined {
  const [url, ...more] = runningDemoRegistries();
  if (more.length === 0) return url;
  throw new UsageError(`several demos run; set REGISTRY_URL to one of ${[url, ...more].join(', ')}`);
}

async function inspectorPort(port = defaultInspectorPort): Promise<number> {
  if (port !== 0 && (await isFree(port))) return port;
  if (port !== 0 && port !== defaultInspectorPort) {
    throw new UsageError(`invalid --port ${port}: it is in use; 0 takes any free one`);
  }
  return freePort();
}

/** What to expect of calls: they are spread over all instances. */
async function describeOthers(app: string, registryUrl: string, id: string): Promise<string> {
  const registry = await openRegistry(registryUrl);
  try {
    const { instances } = await registry.watch(app).ready(AbortSignal.timeout(listTimeoutMs));
    const others = instances.filter((instance) => instance.id !== id).length;
    return others === 0
      ? `registered; no other instance of ${app} is in this registry: does the shop use another one (REGISTRY_URL)?`
      : `registered beside ${others} other ${others === 1 ? 'instance' : 'instances'} of ${app}; calls are balanced over all, and one that is paused here may be answered by another`;
  } catch (error) {
    return `registered; the other instances are unknown: ${(error as Error).message}`;
  } finally {
    await registry.close();
  }
}
