/** The registries that run as servers. */
export type RegistryKind = 'consul' | 'etcd';

/** `current` is the latest release, `old` one that is still in use (Consul 1.8, etcd 3.5). */
export type RegistryVersion = 'current' | 'old';

/** Where a server comes from: a URL that was given, a container image, or a binary on this machine. */
export type RegistrySource = 'given' | 'container' | 'binary';

/** A real registry server, to use and to break. */
export interface RegistryServer {
  readonly kind: RegistryKind;
  readonly how: RegistrySource;
  /** As the server reports it: `1.22.7`. */
  readonly version: string;
  /** For `REGISTRY_URL`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** SIGKILL: connections are reset, the data stays. */
  kill(): Promise<void>;
  /** Restarts on the same port, with its data or, with `wipe`, without. Resolves when it is ready. */
  start(options?: { readonly wipe?: boolean }): Promise<void>;
  /** SIGSTOP: connections stay open, and nothing responds. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Stops the server and removes its data. Does nothing to a given server. */
  stop(): Promise<void>;
}

/**
 * - `NOT_FOUND`: no URL is given, no container engine responds, and there is no binary.
 * - `NOT_OURS`: a given server cannot be killed or restarted.
 * - `NOT_READY`: the server was started, but did not become ready in time.
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
