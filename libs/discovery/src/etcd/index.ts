import { readFileSync } from 'node:fs';
import type { Backend } from '../backend.js';
import { DiscoveryError } from '../errors.js';
import type { RegistryUrl } from '../registry-url.js';
import { etcdBackend } from './etcd-backend.js';
import type { EtcdOptions } from './options.js';

export { etcdBackend } from './etcd-backend.js';
export type { EtcdOptions } from './options.js';

const known = new Set(['prefix', 'ttlMs', 'requestTimeoutMs', 'ca', 'cert', 'key']);

/**
 * `etcd://user:password@h1:2379,h2:2379/?prefix=shop/&ttlMs=10000`; `etcd+tls://...?ca=/path/ca.pem` for TLS.
 * @throws {DiscoveryError} INVALID_TARGET, INVALID_OPTION.
 */
export function etcdFromUrl({ hosts, username, password, tls, path, options }: RegistryUrl): Backend {
  const unknown = [...options.keys()].filter((key) => !known.has(key));
  if (unknown.length > 0 || path.length > 1 || hosts.length === 0) {
    const fault =
      unknown.length > 0 ? `option "${unknown[0]}"` : path.length > 1 ? `path "${path}"` : 'no host';
    throw new DiscoveryError(
      'INVALID_TARGET',
      `an etcd registry is written etcd://host:port,.../?option=value with ${[...known].join(', ')}; got ${fault}`,
    );
  }
  const pem = (name: string) => options.get(name) && readFileSync(options.get(name)!);
  const [ca, cert, key] = [pem('ca'), pem('cert'), pem('key')];
  const settings: EtcdOptions = {
    hosts: hosts.map(({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) } }),
    ...(options.has('prefix') && { prefix: options.get('prefix')! }),
    ...(options.has('ttlMs') && { ttlMs: Number(options.get('ttlMs')) }),
    ...(options.has('requestTimeoutMs') && { requestTimeoutMs: Number(options.get('requestTimeoutMs')) }),
  };
  return etcdBackend(settings);
}
