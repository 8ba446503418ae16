import { parseRegistryUrl, redactUrl } from '@rollcall/discovery';
import type { RegistryKind, RegistryVersion } from './servers/registry-server.js';

/** Where one version of a registry could come from, as the environment says. */
export interface RegistrySources {
  /** A running one. `CONSUL_TEST_URL`, `ETCD_TEST_URL`; not for the old versions. */
  readonly url?: string;
  /** `CONSUL_IMAGE`, `CONSUL_OLD_IMAGE`, `ETCD_IMAGE`, `ETCD_OLD_IMAGE`. */
  readonly image: string;
  /** A path, or a name to look for on `PATH`. `CONSUL_BIN`, `CONSUL_OLD_BIN`, `ETCD_BIN`, `ETCD_OLD_BIN`. */
  readonly binary?: string;
  /** The variables that say so, for messages. */
  readonly variables: { readonly url?: string; readonly image: string; readonly binary: string };
}

export interface Environment {
  /** `CI`: what a test needs and cannot have is then a failure, not a reason to skip. */
  readonly ci: boolean;
  /** The folders of `PATH`. */
  readonly path: readonly string[];
  readonly registries: Readonly<Record<RegistryKind, Readonly<Record<RegistryVersion, RegistrySources>>>>;
  /** What every child process starts with: all of ours but {@link servicesOwn}. */
  readonly forChildren: Readonly<Record<string, string>>;
}

/** What a service reads from its environment; a child gets its own and never inherits ours. */
const servicesOwn =
  /^(REGISTRY_URL|HOST|PORT|ADVERTISE_ADDRESS|POD_IP|INSTANCE_ID|VERSION|ZONE|WEIGHT|LOG_LEVEL|DRAIN_TIMEOUT_MS)$/;

/**
 * The one place of this package that reads environment variables.
 * @throws {Error} naming the variable and its value when one cannot be meant so.
 */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  return {
    ci: !['', '0', 'false', undefined].includes(env['CI']?.toLowerCase()),
    path: (env['PATH'] ?? '').split(process.platform === 'win32' ? ';' : ':').filter(Boolean),
    registries: {
      consul: {
        current: sources(env, 'CONSUL', 'hashicorp/consul:1.22', 'consul'),
        old: sources(env, 'CONSUL_OLD', 'hashicorp/consul:1.8'),
      },
      etcd: {
        current: sources(env, 'ETCD', 'quay.io/coreos/etcd:v3.7.3', 'etcd'),
        old: sources(env, 'ETCD_OLD', 'quay.io/coreos/etcd:v3.5.30'),
      },
    },
    forChildren: Object.fromEntries(
      Object.entries(env).filter(
        (entry): entry is [string, string] => entry[1] !== undefined && !servicesOwn.test(entry[0]),
      ),
    ),
  };
}

/** A name on `PATH` is given for today's version alone: what is installed there is not known to be old. */
function sources(env: NodeJS.ProcessEnv, name: string, image: string, onPath?: string): RegistrySources {
  const variables = {
    image: `${name}_IMAGE`,
    binary: `${name}_BIN`,
    ...(onPath && { url: `${name}_TEST_URL` }),
  };
  const url = variables.url === undefined ? undefined : env[variables.url] || undefined;
  if (url !== undefined) {
    const { scheme, hosts } = parseRegistryUrl(url);
    if (scheme !== onPath || hosts.length === 0) {
      throw new Error(`${variables.url} is "${redactUrl(url)}"; write ${onPath}://host:port`);
    }
  }
  const binary = env[variables.binary] || onPath;
  return {
    ...(url && { url }),
    image: env[variables.image] || image,
    ...(binary && { binary }),
    variables,
  };
}
