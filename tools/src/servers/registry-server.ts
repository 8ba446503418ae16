/** The registries that run as servers. */
export type RegistryKind = 'consul' | 'etcd';

/** `current` is today's release, `old` one that is still met in the field (Consul 1.8, etcd 3.5). */
export type RegistryVersion = 'current' | 'old';

/** Where a server comes from: an address somebody gave, a container, or a binary on this machine. */
export type RegistrySource = 'given' | 'container' | 'binary';

/** A real registry server, to be used, and to be broken. */
export interface RegistryServer {
  readonly kind: RegistryKind;
  readonly how: RegistrySource;
  /** As the server itself says: `1.22.7`. */
  readonly version: string;
  /** For `REGISTRY_URL`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** SIGKILL: no goodbye, connections are reset. Its data stays. */
  kill(): Promise<void>;
  /** Again on the same port, with its data or, with `wipe`, empty. Resolves when it answers as before. */
  start(options?: { readonly wipe?: boolean }): Promise<void>;
  /** SIGSTOP: connections stay and nothing answers. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Ends it for good and removes its data. A server that was given stays as it is. */
  stop(): Promise<void>;
}

/**
 * - `NOT_FOUND`: no address was given, no container engine answers, no binary is there.
 * - `NOT_OURS`: a server that was given is not ours to kill.
 * - `NOT_READY`: it was started and did not become ready in time.
 */
export type RegistryServerErrorCode = 'NOT_FOUND' | 'NOT_OURS' | 'NOT_READY';

export class RegistryServerError extends Error {
  override readonly name = 'RegistryServerError';
  readonly code: RegistryServerErrorCode;

  constructor(code: RegistryServerErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** What differs between the kinds: how each is started, and when it is ready. */
export interface RegistryProgram {
  readonly kind: RegistryKind;
  readonly defaultPort: number;
  /** The arguments for a binary on this machine, listening on `port` of loopback. */
  binaryArgs(at: {
    readonly port: number;
    readonly peerPort: number;
    readonly dataDirectory: string;
    /** What `<binary> version` printed. */
    readonly banner: string;
  }): readonly string[];
  /** The arguments that make a binary print its version. */
  readonly bannerArgs: readonly string[];
  /** The command of a container that listens on {@link defaultPort} of all its interfaces. */
  readonly containerCommand: readonly string[];
  /** The version, once the server has a leader and answers reads; undefined until then. */
  probe(origin: string, headers: Readonly<Record<string, string>>): Promise<string | undefined>;
}
