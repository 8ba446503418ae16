// Original file: proto/shop/inventory/v1/inventory.proto

import type { Long } from '@grpc/proto-loader';

/**
 * An amount of money: units + nanos / 1e9.
 */
export interface Money {
  /**
   * ISO 4217 code: "EUR".
   */
  'currencyCode'?: (string);
  /**
   * Whole units of the currency.
   */
  'units'?: (number | string | Long);
  /**
   * Billionths of a unit, 0 to 999,999,999; of the same sign as units.
   */
  'nanos'?: (number);
}

/**
 * An amount of money: units + nanos / 1e9.
 */
export interface Money__Output {
  /**
   * ISO 4217 code: "EUR".
   */
  'currencyCode': (string);
  /**
   * Whole units of the currency.
   */
  'units': (number);
  /**
   * Billionths of a unit, 0 to 999,999,999; of the same sign as units.
   */
  'nanos': (number);
}
