import { rootCertificates } from 'node:tls';
import type { Etcd3, ICallable, IOptions } from 'etcd3';
import type { RegistryTls } from '../backend/backend-options.js';
import { toDiscoveryError } from './errors.js';
import type { EtcdSettings } from './options.js';

/** The package, passed in: it is an optional peer, which `openRegistry` loads on demand. */
export type Etcd3Package = Pick<typeof import('etcd3'), 'Etcd3'>;

/** A client of one etcd service, and the metadata for one call. */
export type Connection = Parameters<Parameters<ICallable<unknown>['withConnection']>[1]>[0];

type GrpcOptions = NonNullable<IOptions['grpcOptions']>;
type Policy = NonNullable<NonNullable<IOptions['faultHandling']>['global']>;

const grpcOptions: GrpcOptions = {
  // Detects a frozen or black-holed endpoint within 13 s. etcd answers pings more often than every 5 s with GOAWAY.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 3_000,
  // The default grows to 120 s, long after the registry is back.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 400,
  // An endpoint may come back under another address of its name. Default 30 s.
  'grpc.dns_min_time_between_resolutions_ms': 1_000,
  'grpc.service_config_disable_resolution': 1,
  // Otherwise `http_proxy` in the environment applies to these channels.
  'grpc.enable_http_proxy': 0,
  // A limit would make a list that exceeds it fail for ever; the store's quota is the limit.
  'grpc.max_receive_message_length': -1,
};

const services = ['KV', 'Lease', 'Watch', 'Auth'] as const;

/** `grpc.connectivityState.CONNECTING` of the grpc-js that etcd3 depends on. */
const connecting: number = 1;

let connections = 0;

/**
 * One endpoint of the cluster. Uses the protocol definitions and channels of etcd3, but none of its policies: its circuit
 * breaker (open for 4 s after etcd is back), its retries, its login (over a channel that ignores our options and is never
 * closed), its resuming watches (which lose events: etcd3#114).
 */
export class Endpoint {
  readonly host: string;
  readonly #etcd: Etcd3;
  #abandoned = false;

  constructor({ Etcd3 }: Etcd3Package, host: string, tls: EtcdSettings['tls']) {
    const serverName = typeof tls === 'object' ? tls.serverName : undefined;
    this.#etcd = new Etcd3({
      // A host may be named `etcd`, as in docker-compose.yml: without `dns:///`, grpc-js would parse `etcd:2379` as a
      // target of the scheme that our resolver registers.
      hosts: `${tls === false ? 'http' : 'https'}://dns:///${host}`,
      ...(typeof tls === 'object' && { credentials: credentialsOf(tls) }),
      grpcOptions: {
        ...grpcOptions,
        ...(serverName !== undefined && { 'grpc.ssl_target_name_override': serverName }),
        // Makes the options unique: grpc-js shares connections, also stuck ones, between channels with equal options.
        'rollcall.connection': connections++,
      },
      faultHandling: { host: () => noPolicy, global: noPolicy },
    });
    this.host = host;
  }

  /** @throws {DiscoveryError} for anything that `task` throws; converted here, because etcd3 drops the status. */
  use<T>(service: (typeof services)[number], task: (connection: Connection) => Promise<T>): Promise<T> {
    // Protected: etcd3's public calls have its own retries.
    return this.#etcd['pool'].withConnection(service, (connection) =>
      task(connection).catch((error: unknown) => {
        throw toDiscoveryError(error, this.host);
      }),
    );
  }

  async isConnecting(): Promise<boolean> {
    const states = await this.#each(({ client }) => client.getChannel().getConnectivityState(false));
    return states.includes(connecting);
  }

  /** Whether it was replaced: calls that it has not sent can be retried on the replacement. */
  get abandoned(): boolean {
    return this.#abandoned;
  }

  /** Ends every call that waits for a connection, at once; etcd3's `close` takes a second. */
  async abandon(): Promise<void> {
    this.#abandoned = true;
    await this.#each(({ client }) => client.close());
  }

  close(): void {
    this.#etcd.close();
  }

  /** Runs `task` for each service; returns an empty list once this is closed. */
  #each<T>(task: (connection: Connection) => T): Promise<readonly T[]> {
    return Promise.all(services.map((name) => this.use(name, async (connection) => task(connection)))).catch(
      () => [],
    );
  }
}

/** A cockatiel policy (version 3, as in etcd3) that runs the task once. */
const noPolicy = { execute: async (task: () => unknown) => task() } as unknown as Policy;

function credentialsOf({ ca, cert, key }: RegistryTls): NonNullable<IOptions['credentials']> {
  return {
    rootCertificate: Buffer.from(ca ?? rootCertificates.join('\n')),
    ...(cert !== undefined &&
      key !== undefined && { certChain: Buffer.from(cert), privateKey: Buffer.from(key) }),
  };
}
