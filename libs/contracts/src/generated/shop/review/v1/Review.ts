// Original file: proto/shop/review/v1/review.proto

import type { Long } from '@grpc/proto-loader';

export interface Review {
  /**
   * Unique over all products.
   */
  'id'?: (string);
  /**
   * Id of the product.
   */
  'productId'?: (string);
  /**
   * Name of the author, as displayed.
   */
  'author'?: (string);
  /**
   * Stars, 1 to 5.
   */
  'rating'?: (number);
  /**
   * A line of plain text, in English.
   */
  'title'?: (string);
  /**
   * A paragraph of plain text, in English.
   */
  'body'?: (string);
  /**
   * The time of writing, in milliseconds since the Unix epoch.
   */
  'writtenAtMs'?: (number | string | Long);
}

export interface Review__Output {
  /**
   * Unique over all products.
   */
  'id': (string);
  /**
   * Id of the product.
   */
  'productId': (string);
  /**
   * Name of the author, as displayed.
   */
  'author': (string);
  /**
   * Stars, 1 to 5.
   */
  'rating': (number);
  /**
   * A line of plain text, in English.
   */
  'title': (string);
  /**
   * A paragraph of plain text, in English.
   */
  'body': (string);
  /**
   * The time of writing, in milliseconds since the Unix epoch.
   */
  'writtenAtMs': (number);
}
