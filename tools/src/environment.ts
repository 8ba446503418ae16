import { parseRegistryUrl, redactUrl } from '@rollcall/discovery';
import type { RegistryKind, RegistryVersion } from './servers/registry-server.js';

/** Where one version of a registry may come from. */
export interface RegistrySources {
  /** A running server: `CONSUL_TEST_URL`, `ETCD_TEST_URL`. Not for old versions. */
  readonly url?: string;
  /** `CONSUL_IMAGE`, `CONSUL_OLD_IMAGE`, `ETCD_IMAGE`, `ETCD_OLD_IMAGE`. */
  readonly image: string;
  /** A path, or a name to find on `PATH`: `CONSUL_BIN`, `CONSUL_OLD_BIN`, `ETCD_BIN`, `ETCD_OLD_BIN`. */
  readonly binary?: string;
  /** The names of the variables, for messages. */
  readonly variables: { readonly url?: string; readonly image: string; readonly binary: string };
}

export interface Environment {
  /** `CI`: a test that lacks what it needs fails, and is not skipped. */
  readonly ci: boolean;
  /** The folders of `PATH`. */
  readonly path: readonly string[];
  readonly registries: Readonly<Record<RegistryKind, Readonly<Record<RegistryVersion, RegistrySources>>>>;
  /** etcd's own command line, a path, or a name to find on `PATH`: `ETCDCTL_BIN`. */
  readonly etcdctl: string;
  /** What child processes inherit: everything but {@link serviceVariables}. */
  readonly inherited: Readonly<Record<string, string>>;
  /** Those of {@link serviceVariables} that are set and not empty. */
  readonly service: Readonly<Record<string, string>>;
}

/** What a service reads from its environment. Each child process gets its own values. */
const serviceVariables =
  /^(REGISTRY_URL|HOST|PORT|ADVERTISE_ADDRESS|POD_IP|INSTANCE_ID|VERSION|ZONE|WEIGHT|LOG_LEVEL|DRAIN_TIMEOUT_MS|SHUTDOWN_DELAY_MS|GRPC_REFLECTION|REQUEST_TIMEOUT_MS|API_DOCS)$/;

/**
 * The only reader of environment variables in this package.
 * @throws {Error} with the name and the value of an invalid variable.
 */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  const variables = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
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
    etcdctl: env['ETCDCTL_BIN'] || 'etcdctl',
    inherited: Object.fromEntries(variables.filter(([name]) => !serviceVariables.test(name))),
    service: Object.fromEntries(
      variables.filter(([name, value]) => serviceVariables.test(name) && value !== ''),
    ),
  };
}

/** @param program the name to find on `PATH`: only for the current version, as `PATH` does not say what is old. */
function sources(env: NodeJS.ProcessEnv, name: string, image: string, program?: string): RegistrySources {
  const variables = {
    image: `${name}_IMAGE`,
    binary: `${name}_BIN`,
    ...(program && { url: `${name}_TEST_URL` }),
  };
  const url = variables.url === undefined ? undefined : env[variables.url] || undefined;
  if (url !== undefined) {
    const { scheme, hosts } = parseRegistryUrl(url);
    if (scheme !== program || hosts.length === 0) {
      throw new Error(`invalid ${variables.url} "${redactUrl(url)}": use ${program}://host:port`);
    }
  }
  const binary = env[variables.binary] || program;
  return {
    ...(url && { url }),
    image: env[variables.image] || image,
    ...(binary && { binary }),
    variables,
  };
}
