import { posix } from 'node:path';
import type MarkdownIt from 'markdown-it';

// Set by GitHub Actions.
const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = process.env;
const sources = server && repository ? `${server}/${repository}/blob/main` : undefined;

/**
 * Turns links between files of the repository into links of the site. A page of the site is a file of `docs/`, or the README.
 * Links to other files lead to the repository; where that is not known, as on the machine of a developer, their text stays.
 */
export function rewriteLinks(markdown: MarkdownIt): void {
  markdown.core.ruler.push('repository-links', ({ tokens, env }) => {
    const page = (env as { relativePath?: string }).relativePath ?? '';
    if (page.startsWith('api/')) return;
    const file = page === 'index.md' ? 'README.md' : `docs/${page}`;
    for (const { children } of tokens) {
      for (const token of children ?? []) {
        const name = token.type === 'image' ? 'src' : 'href';
        const link = token.attrGet(name);
        if (link === null || /^(?:\w+:|#)/.test(link)) continue;
        const [path = '', anchor] = link.split('#');
        const target = posix.join(posix.dirname(file), path);
        const url = toPage(target, page) ?? (sources && `${sources}/${target}`);
        if (url === undefined) dropLink(token, children!);
        else token.attrSet(name, anchor === undefined ? url : `${url}#${anchor}`);
      }
    }
  });
}

/** The target relative to the page that links to it, if it is part of the site. */
function toPage(target: string, page: string): string | undefined {
  const other = target === 'README.md' ? 'index.md' : /^docs\/(.+\.(?:md|svg))$/.exec(target)?.[1];
  if (other === undefined) return undefined;
  const relative = posix.relative(posix.dirname(page), other);
  return relative.startsWith('.') ? relative : `./${relative}`;
}

type Token = NonNullable<Parameters<MarkdownIt['renderer']['render']>[0][number]>;

function dropLink(open: Token, tokens: Token[]): void {
  const close = tokens.slice(tokens.indexOf(open)).find(({ type }) => type === 'link_close');
  for (const token of [open, close]) if (token) token.hidden = true;
  open.type = 'text';
  open.content = '';
  if (close) Object.assign(close, { type: 'text', content: '' });
}
