// Original file: proto/shop/product/v1/product.proto


export interface Product {
  /**
   * Unique, and the same in every service: lower-case letters, digits and hyphens.
   */
  'id'?: (string);
  /**
   * Name of the product without its brand, in English.
   */
  'title'?: (string);
  /**
   * The manufacturer.
   */
  'brand'?: (string);
  /**
   * The category in the shop: "headphones", "speakers", "keyboards" or "lamps".
   */
  'category'?: (string);
  /**
   * A paragraph of plain text, in English.
   */
  'description'?: (string);
  /**
   * Name of its picture, without path or extension.
   */
  'imageName'?: (string);
}

export interface Product__Output {
  /**
   * Unique, and the same in every service: lower-case letters, digits and hyphens.
   */
  'id': (string);
  /**
   * Name of the product without its brand, in English.
   */
  'title': (string);
  /**
   * The manufacturer.
   */
  'brand': (string);
  /**
   * The category in the shop: "headphones", "speakers", "keyboards" or "lamps".
   */
  'category': (string);
  /**
   * A paragraph of plain text, in English.
   */
  'description': (string);
  /**
   * Name of its picture, without path or extension.
   */
  'imageName': (string);
}
