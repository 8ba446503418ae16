import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface CodeBlock {
  readonly language: string;
  readonly code: string;
  /** The line of its first line of code in the document, from 1. */
  readonly line: number;
  /** The file of the repository that it shows, from `file=` after the language. */
  readonly shows?: string;
  /** The name of a file for the reader, from a comment in its first line: other blocks of the page import it. */
  readonly fileName?: string;
}

export interface Document {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly CodeBlock[];
  /** Inline code outside of blocks. */
  readonly codeSpans: readonly string[];
}

const docsFiles = readdirSync(`${root}docs`, { recursive: true, encoding: 'utf8' });
const paths = [
  'README.md',
  'examples/plain-grpc/README.md',
  ...docsFiles.filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`),
];

export const documents: readonly Document[] = paths.map((path) => {
  const text = readFileSync(root + path, 'utf8');
  const blocks = [...text.matchAll(/^```(\S*)(?: file=(\S+))?\n(.*?)^```$/gms)].map((match) => {
    const [, language = '', shows, code = ''] = match;
    const fileName = /^(?:\/\/|#) ([\w./-]+\.\w+)$/m.exec(code.split('\n', 1)[0]!)?.[1];
    return {
      language,
      code,
      line: text.slice(0, match.index).split('\n').length + 1,
      ...(shows !== undefined && { shows }),
      ...(fileName !== undefined && { fileName }),
    };
  });
  const prose = text.replaceAll(/^```.*?^```$/gms, '');
  return { path, text, blocks, codeSpans: [...prose.matchAll(/`([^`\n]+)`/g)].map((match) => match[1]!) };
});

export const blocksOf = (...languages: readonly string[]) =>
  documents.flatMap((document) =>
    document.blocks
      .filter((block) => languages.includes(block.language))
      .map((block) => ({ ...block, document: document.path, where: `${document.path}:${block.line}` })),
  );
