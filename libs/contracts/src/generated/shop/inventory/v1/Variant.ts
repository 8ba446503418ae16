// Original file: proto/shop/inventory/v1/inventory.proto

import type { Money as _shop_inventory_v1_Money, Money__Output as _shop_inventory_v1_Money__Output } from '../../../shop/inventory/v1/Money.js';

/**
 * One way in which a product can be had.
 */
export interface Variant {
  /**
   * Stock keeping unit: unique over all products.
   */
  'sku'?: (string);
  /**
   * What sets it apart: "colour" -> "black". Names and values in English.
   */
  'attributes'?: ({[key: string]: string});
  /**
   * Price of one piece, with tax.
   */
  'price'?: (_shop_inventory_v1_Money | null);
  /**
   * Pieces in stock, 0 or more.
   */
  'stock'?: (number);
}

/**
 * One way in which a product can be had.
 */
export interface Variant__Output {
  /**
   * Stock keeping unit: unique over all products.
   */
  'sku': (string);
  /**
   * What sets it apart: "colour" -> "black". Names and values in English.
   */
  'attributes': ({[key: string]: string});
  /**
   * Price of one piece, with tax.
   */
  'price': (_shop_inventory_v1_Money__Output | null);
  /**
   * Pieces in stock, 0 or more.
   */
  'stock': (number);
}
