/** Line breaks, terminal escapes, and characters that reorder or hide text. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

export function isPrintable(text: string): boolean {
  return text.search(unprintable) < 0;
}

/** `text` as one line of at most `maxLength` characters, safe to print: anybody may write into a registry. */
export function printable(text: string, maxLength = 1_000): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength - 3)}...` : text;
  return cut.replace(unprintable, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
