import { UsageError } from '../usage-error.js';

/** The names of one service in each place that has its own spelling. */
export interface ServiceNames {
  /** In the registry, of the app and of its contract: `gift-wrap`. */
  readonly service: string;
  /** Of the proto package, its folder, its file and its field: `gift_wrap`. */
  readonly snake: string;
  /** Of messages and classes: `GiftWrap`. */
  readonly pascal: string;
  /** Of variables: `giftWrap`. */
  readonly camel: string;
  /** In sentences: `gift wrap`. */
  readonly words: string;
}

/** Registries and gRPC take DNS labels. Each word starts with a letter, so that it has one spelling in each place. */
const namePattern = /^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/;
/** A label has at most 63 characters; instance ids append 9. */
const maxLength = 40;
/** Words of which the classes, files or messages of the service would collide with those of Nest or of the repository. */
const reservedWords = ['controller', 'module', 'utils', 'common', 'helpers', 'misc', 'shared'];

/** @throws {UsageError} for a name that is invalid or reserved. */
export function serviceNames(service: string): ServiceNames {
  const invalid = (rule: string) =>
    new UsageError(`invalid service name ${JSON.stringify(service)}: ${rule}`);
  if (!namePattern.test(service) || service.length > maxLength) {
    throw invalid(
      `use words of lower-case letters and digits that start with a letter, joined by hyphens, at most ${maxLength} characters, like "gift-wrap"`,
    );
  }
  const words = service.split('-');
  if (words.at(-1) === 'service') throw invalid('omit "service", which is added where it belongs');
  const reserved = words.find((word) => reservedWords.includes(word));
  if (reserved !== undefined) throw invalid(`"${reserved}" is reserved`);
  const pascal = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
  return {
    service,
    snake: words.join('_'),
    pascal,
    camel: pascal[0]!.toLowerCase() + pascal.slice(1),
    words: words.join(' '),
  };
}
