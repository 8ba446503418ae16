import { rootCertificates } from 'node:tls';
import { Etcd3, type ICallable, type IOptions } from 'etcd3';
import type { RegistryTls } from '../backend/registry-url-options.js';
import { failureOf } from './failure.js';
import type { EtcdSettings } from './options.js';

/** A client of one of etcd's services, and the metadata for one call. */
export type Connection = Parameters<Parameters<ICallable<unknown>['withConnection']>[1]>[0];

type GrpcOptions = NonNullable<IOptions['grpcOptions']>;
type Policy = NonNullable<NonNullable<IOptions['faultHandling']>['global']>;

const grpcOptions: GrpcOptions = {
  // A frozen or black-holed member is noticed within 13 s. Pings more often than every 5 s etcd answers with GOAWAY.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 3_000,
  // By default they grow to 120 s: the registry would be back, and we would not look.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 400,
  // A member may come back under another address of its name; by default nobody asks again for 30 s.
  'grpc.dns_min_time_between_resolutions_ms': 1_000,
  'grpc.service_config_disable_resolution': 1,
  // With `http_proxy` in the environment all of this would go to the proxy.
  'grpc.enable_http_proxy': 0,
  // What bounds a store is its quota. A bound of ours would turn one fat prefix into an endless failure.
  'grpc.max_receive_message_length': -1,
};

const services = ['KV', 'Lease', 'Watch', 'Auth'] as const;

/** `grpc.connectivityState.CONNECTING` of grpc-js, which is etcd3's to import, not ours. */
const connecting: number = 1;

let connections = 0;

/**
 * One member of the cluster. Of etcd3 this takes the definition of the protocol and the channels, and leaves what it
 * does on its own: its circuit breaker (dead for 4 s after etcd is back), its retries, its login (over a channel of its
 * own, which no option reaches and nobody closes), its watches that resume (and lose what happened meanwhile: etcd3#114).
 */
export class Member extends Etcd3 {
  readonly host: string;
  #abandoned = false;

  constructor(host: string, tls: EtcdSettings['tls']) {
    const serverName = typeof tls === 'object' ? tls.serverName : undefined;
    super({
      // A host may be called `etcd` (in docker-compose.yml it is); bare, grpc-js takes `etcd:2379` for a target of the
      // scheme that our own resolver registers.
      hosts: `${tls === false ? 'http' : 'https'}://dns:///${host}`,
      ...(typeof tls === 'object' && { credentials: credentialsOf(tls) }),
      grpcOptions: {
        ...grpcOptions,
        ...(serverName !== undefined && { 'grpc.ssl_target_name_override': serverName }),
        // grpc-js shares connections between channels whose options are equal, also one that is stuck.
        'rollcall.connection': connections++,
      },
      faultHandling: { host: () => justOnce, global: justOnce },
    });
    this.host = host;
  }

  /** @throws {DiscoveryError} for whatever `task` throws: before etcd3 sees it, which would drop the status. */
  use<T>(service: (typeof services)[number], task: (connection: Connection) => Promise<T>): Promise<T> {
    return this.pool.withConnection(service, (connection) =>
      task(connection).catch((error: unknown) => {
        throw failureOf(error, this.host);
      }),
    );
  }

  /** Whether a connection is being made. */
  async isConnecting(): Promise<boolean> {
    const states = await this.#each(({ client }) => client.getChannel().getConnectivityState(false));
    return states.includes(connecting);
  }

  /** Whether another has taken its place: calls that it did not get to can be made again there. */
  get abandoned(): boolean {
    return this.#abandoned;
  }

  /** Ends every call that waits for a connection, at once; `close` would wait for a second itself. */
  async abandon(): Promise<void> {
    this.#abandoned = true;
    await this.#each(({ client }) => client.close());
  }

  /** For all services; none when this was closed already. */
  #each<T>(task: (connection: Connection) => T): Promise<readonly T[]> {
    return Promise.all(services.map((name) => this.use(name, async (it) => task(it)))).catch(() => []);
  }
}

/** A cockatiel policy (etcd3 has version 3) that has none. */
const justOnce = { execute: async (task: () => unknown) => task() } as unknown as Policy;

function credentialsOf({ ca, cert, key }: RegistryTls): NonNullable<IOptions['credentials']> {
  return {
    rootCertificate: Buffer.from(ca ?? rootCertificates.join('\n')),
    ...(cert !== undefined &&
      key !== undefined && { certChain: Buffer.from(cert), privateKey: Buffer.from(key) }),
  };
}
