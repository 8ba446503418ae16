import { GrpcInvalidArgumentException } from '@nestjs/microservices';

export interface PageRequest {
  /** The requested size; 0 means `defaultSize`. */
  readonly pageSize: number;
  /** The `nextPageToken` of the previous page; empty for the first page. */
  readonly pageToken: string;
  readonly defaultSize: number;
  readonly maxSize: number;
}

/**
 * One page of a list that does not change. The token is opaque to callers (AIP-158).
 * @throws {GrpcInvalidArgumentException} for a size outside 0 to `maxSize`, or an invalid token.
 */
export function paginate<T>(
  items: readonly T[],
  request: PageRequest,
): { items: T[]; nextPageToken: string } {
  const { pageSize, pageToken, defaultSize, maxSize } = request;
  if (!Number.isInteger(pageSize) || pageSize < 0 || pageSize > maxSize) {
    throw new GrpcInvalidArgumentException(
      `invalid page_size ${pageSize}: use 1 to ${maxSize}, or 0 for the default of ${defaultSize}`,
    );
  }
  const start = pageToken === '' ? 0 : decodeToken(pageToken, items.length);
  const end = start + (pageSize || defaultSize);
  return { items: items.slice(start, end), nextPageToken: end < items.length ? encodeToken(end) : '' };
}

function encodeToken(offset: number): string {
  return Buffer.from(`offset:${offset}`).toString('base64url');
}

function decodeToken(token: string, length: number): number {
  const offset = Number(/^offset:(\d{1,9})$/.exec(Buffer.from(token, 'base64url').toString())?.[1]);
  if (!(offset > 0 && offset < length) || encodeToken(offset) !== token) {
    throw new GrpcInvalidArgumentException(
      `invalid page_token "${token.slice(0, 64)}": use the next_page_token of the previous page`,
    );
  }
  return offset;
}
