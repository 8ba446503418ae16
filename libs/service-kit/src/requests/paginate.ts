import { GrpcInvalidArgumentException } from '@nestjs/microservices';

export interface PageRequest {
  /** As asked for; 0 means `defaultSize`. */
  readonly pageSize: number;
  /** As asked for; empty means the first page. */
  readonly pageToken: string;
  readonly defaultSize: number;
  readonly maxSize: number;
}

/**
 * One page of a list that does not change. The token is opaque to callers (AIP-158).
 * @throws {GrpcInvalidArgumentException} for a size outside 0 to `maxSize`, or a token that this list did not give out.
 */
export function paginate<T>(
  items: readonly T[],
  request: PageRequest,
): { items: T[]; nextPageToken: string } {
  const { pageSize, pageToken, defaultSize, maxSize } = request;
  if (!Number.isInteger(pageSize) || pageSize < 0 || pageSize > maxSize) {
    throw new GrpcInvalidArgumentException(
      `page_size ${pageSize} is not usable; use 1 to ${maxSize}, or 0 for ${defaultSize}`,
    );
  }
  const start = pageToken === '' ? 0 : offsetOf(pageToken, items.length);
  const end = start + (pageSize || defaultSize);
  return { items: items.slice(start, end), nextPageToken: end < items.length ? tokenOf(end) : '' };
}

function tokenOf(offset: number): string {
  return Buffer.from(`offset:${offset}`).toString('base64url');
}

function offsetOf(token: string, length: number): number {
  const offset = Number(/^offset:(\d{1,9})$/.exec(Buffer.from(token, 'base64url').toString())?.[1]);
  if (!(offset > 0 && offset < length) || tokenOf(offset) !== token) {
    throw new GrpcInvalidArgumentException(
      `page_token "${token.slice(0, 64)}" is not one of ours; pass on the next_page_token of the page before`,
    );
  }
  return offset;
}
