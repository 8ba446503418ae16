import { DiscoveryError } from '@rollcall/discovery';

/** Where a gRPC server listens, as far as clients need it. */
export interface ListeningServer {
  readonly port: number;
  /** The address that it is bound to, if it is known. */
  readonly host?: string;
}

/** What transports of Nest have: ours a `port`, that of Nest the `url` of its options. */
interface ServerProperties {
  readonly port?: unknown;
  readonly url?: unknown;
}

const urlPattern =
  /^(?:dns:)?(?:\/\/[^/]*\/|ipv[46]:)?(?:\[(?<v6>[^\]]+)\]|(?<host>[^:/[\]]+)):(?<port>\d+)$/;

/**
 * The port of a gRPC server of Nest that listens.
 * @throws {DiscoveryError} INVALID_OPTION for a server whose port is unknown: a socket, or any free port.
 */
export function listeningServerOf(server: object): ListeningServer {
  const { port: bound, url } = server as ServerProperties;
  const { host, v6, port: digits } = urlPattern.exec(String(url))?.groups ?? {};
  const port = typeof bound === 'number' ? bound : Number(digits ?? 0);
  if (port === 0) {
    throw new DiscoveryError(
      'INVALID_OPTION',
      `the port of the gRPC server at ${JSON.stringify(url)} is unknown: give it a fixed port, or the registration a "port"`,
    );
  }
  const address = host === 'localhost' ? '127.0.0.1' : (v6 ?? host);
  return { port, ...(address !== undefined && { host: address }) };
}
