import { DiscoveryError } from '../model/errors.js';
import type { DnsClient } from './dns-client.js';

/** Of the TXT record with the service configs of a name (gRFC A2). */
const prefix = 'grpc_config=';

/**
 * The gRPC service configs of a service to choose from (gRFC A2), as a JSON array: those of the first of `names` that has any;
 * undefined if none has.
 * @throws {DiscoveryError} INVALID_RECORD, and those of {@link DnsClient.ask}.
 */
export async function lookUpServiceConfigs(
  client: DnsClient,
  names: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const name of names) {
    const { answers } = await client.ask({ name: `_grpc_config.${name}`, type: 'TXT' }, signal);
    const texts = answers.flatMap((answer) => (answer.type === 'TXT' ? [textOf(answer.data)] : []));
    const configs = texts.find((text) => text.startsWith(prefix))?.slice(prefix.length);
    if (configs !== undefined) return assertArray(configs, name);
  }
  return undefined;
}

/** A text of more than 255 bytes is in several parts. */
function textOf(parts: string | Buffer | readonly (string | Buffer)[]): string {
  return [parts].flat().map(String).join('');
}

function assertArray(json: string, name: string): string {
  try {
    if (Array.isArray(JSON.parse(json))) return json;
    throw new Error('not an array');
  } catch (error) {
    throw DiscoveryError.from(error, 'INVALID_RECORD', `service configs of ${name}`);
  }
}
