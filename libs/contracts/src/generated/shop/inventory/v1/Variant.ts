// Original file: proto/shop/inventory/v1/inventory.proto

import type { Money as _shop_inventory_v1_Money, Money__Output as _shop_inventory_v1_Money__Output } from '../../../shop/inventory/v1/Money.js';

/**
 * A version of a product that can be bought.
 */
export interface Variant {
  /**
   * Stock keeping unit: unique over all products.
   */
  'sku'?: (string);
  /**
   * How it differs from the other variants: "colour" -> "black". Names and values in English.
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
 * A version of a product that can be bought.
 */
export interface Variant__Output {
  /**
   * Stock keeping unit: unique over all products.
   */
  'sku': (string);
  /**
   * How it differs from the other variants: "colour" -> "black". Names and values in English.
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
