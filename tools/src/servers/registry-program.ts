import type { RegistryKind } from './registry-server.js';

/** What differs between Consul and etcd: how to start one, and how to see that it is ready. */
export interface RegistryProgram {
  readonly kind: RegistryKind;
  readonly defaultPort: number;
  /** The arguments of a binary that listens on `port` of loopback. */
  binaryArgs(options: {
    readonly port: number;
    readonly peerPort: number;
    readonly dataDirectory: string;
    /** The output of the binary with {@link versionArgs}. */
    readonly versionOutput: string;
  }): readonly string[];
  /** The arguments that make the binary print its version. */
  readonly versionArgs: readonly string[];
  /** The command of a container that listens on {@link defaultPort} of all its interfaces. */
  readonly containerCommand: readonly string[];
  /** The server's version as soon as it has a leader and serves reads; undefined until then. */
  probe(origin: string, headers: Readonly<Record<string, string>>): Promise<string | undefined>;
}
