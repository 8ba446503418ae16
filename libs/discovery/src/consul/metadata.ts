import { DiscoveryError } from '../model/errors.js';

/** Consul's limits on a service's Meta: 64 pairs, keys of letters, digits, "_" and "-", values of 512 bytes. */
const maxValueBytes = 512;
const metaKey = /^[\w-]{1,128}$/;
/** Pairs for metadata; the rest of the 64 is for the fields of the record. */
const maxPairs = 52;
/** The same beside chunks, of which a record's 16 KiB take at most 43. */
const maxPairsBesideChunks = 8;

const chunkKey = (n: number) => `rollcall-metadata-${n}`;

/**
 * Fits metadata into Consul's limits: entries that fit are stored as pairs, the rest as chunks of base64 JSON. Entries with
 * `reserved` keys, which the format uses itself, go into chunks.
 */
export function packMetadata(
  metadata: Readonly<Record<string, string>>,
  reserved: ReadonlySet<string>,
): Record<string, string> {
  const entries = Object.entries(metadata);
  const fits = entries.filter(
    ([key, value]) =>
      metaKey.test(key) &&
      !reserved.has(key) &&
      !key.startsWith('rollcall') &&
      Buffer.byteLength(value) <= maxValueBytes,
  );
  if (fits.length === entries.length && fits.length <= maxPairs) return Object.fromEntries(entries);
  const plain = new Map(fits.slice(0, maxPairsBesideChunks));
  const rest = Object.fromEntries(entries.filter(([key]) => !plain.has(key)));
  const text = Buffer.from(JSON.stringify(rest)).toString('base64url');
  const chunks = text.match(new RegExp(`.{1,${maxValueBytes}}`, 'g')) ?? [];
  return Object.fromEntries([...plain, ...chunks.map((chunk, n) => [chunkKey(n), chunk] as const)]);
}

/** The inverse of {@link packMetadata}. @throws {DiscoveryError} INVALID_RECORD for invalid chunks. */
export function unpackMetadata(
  meta: Readonly<Record<string, string>>,
  reserved: ReadonlySet<string>,
): Record<string, string> {
  const plain = Object.keys(meta)
    .filter((key) => !reserved.has(key) && !key.startsWith('rollcall'))
    .map((key) => [key, meta[key]!] as const);
  let text = '';
  for (let n = 0; Object.hasOwn(meta, chunkKey(n)); n++) text += meta[chunkKey(n)];
  if (text === '') return Object.fromEntries(plain);
  try {
    const rest = JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, string>;
    return Object.fromEntries([...plain, ...Object.entries(rest)]);
  } catch (error) {
    throw DiscoveryError.from(error, 'INVALID_RECORD', 'chunks of metadata');
  }
}
