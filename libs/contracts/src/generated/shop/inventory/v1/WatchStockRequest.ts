// Original file: proto/shop/inventory/v1/inventory.proto

import type { Long } from '@grpc/proto-loader';

export interface WatchStockRequest {
  /**
   * Id of a product.
   */
  'productId'?: (string);
  /**
   * To resume a stream: observed_at_ms of the last response received, in milliseconds since the Unix epoch. The first
   * response is then sent when the stock has changed since. 0: immediately.
   */
  'seenAtMs'?: (number | string | Long);
}

export interface WatchStockRequest__Output {
  /**
   * Id of a product.
   */
  'productId': (string);
  /**
   * To resume a stream: observed_at_ms of the last response received, in milliseconds since the Unix epoch. The first
   * response is then sent when the stock has changed since. 0: immediately.
   */
  'seenAtMs': (number);
}
