import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface CodeBlock {
  readonly language: string;
  readonly code: string;
  /** The line of its first line of code in the document, from 1. */
  readonly line: number;
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
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'README.md',
  'examples/plain-grpc/README.md',
  ...docsFiles.filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`),
];

export const documents: readonly Document[] = paths.map((path) => {
  const text = readFileSync(root + path, 'utf8');
  const blocks = [...text.matchAll(/^```(\S*)\n(.*?)^```$/gms)].map((match) => ({
    language: match[1]!,
    code: match[2]!,
    line: text.slice(0, match.index).split('\n').length + 1,
  }));
  const prose = text.replaceAll(/^```.*?^```$/gms, '');
  return { path, text, blocks, codeSpans: [...prose.matchAll(/`([^`\n]+)`/g)].map((match) => match[1]!) };
});

export const blocksOf = (language: string) =>
  documents.flatMap((document) =>
    document.blocks
      .filter((block) => block.language === language)
      .map((block) => ({ ...block, document: document.path, where: `${document.path}:${block.line}` })),
  );
