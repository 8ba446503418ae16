// Original file: proto/shop/inventory/v1/inventory.proto

import type { Long } from '@grpc/proto-loader';

export interface WatchStockRequest {
  /**
   * Id of a product.
   */
  'productId'?: (string);
  /**
   * To go on where another server broke off: observed_at_ms of the last response that was seen, in milliseconds since the
   * Unix epoch. The first response then comes when the stock is no longer what it was. 0: at once.
   */
  'seenAtMs'?: (number | string | Long);
}

export interface WatchStockRequest__Output {
  /**
   * Id of a product.
   */
  'productId': (string);
  /**
   * To go on where another server broke off: observed_at_ms of the last response that was seen, in milliseconds since the
   * Unix epoch. The first response then comes when the stock is no longer what it was. 0: at once.
   */
  'seenAtMs': (number);
}
