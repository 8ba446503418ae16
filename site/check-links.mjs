// Checks every link of the built site to itself: the page has to exist, and so has the anchor. Links to other hosts are not
// followed; scripts, styles and pictures have to be part of the site.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';

const [folder = 'dist'] = process.argv.slice(2);
const base = process.env.SITE_BASE ?? '/';
const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.html'))
  .map((file) => file.replaceAll('\\', '/'));
const htmlOf = new Map(pages.map((page) => [page, readFileSync(join(folder, page), 'utf8')]));
const anchorsOf = new Map(
  [...htmlOf].map(([page, html]) => [
    page,
    new Set([...html.matchAll(/\sid="([^"]*)"/g)].map((match) => match[1])),
  ]),
);

const problems = [];
let checked = 0;
for (const [page, html] of htmlOf) {
  for (const [, name, value] of html.matchAll(/<(?:a|img|link|script)\b[^>]*?\s(href|src)="([^"]*)"/g)) {
    const isExternal = /^\w+:/.test(value);
    if (isExternal && name === 'src' && !value.startsWith('data:')) problems.push(`${page}: loads ${value}`);
    if (isExternal) continue;
    checked += 1;
    const problem = problemOf(page, decodeURI(value.replaceAll('&amp;', '&')));
    if (problem) problems.push(`${page}: ${value}: ${problem}`);
  }
}
console.log(`${checked} links in ${pages.length} pages, ${problems.length} broken`);
for (const problem of problems.slice(0, 50)) console.log(`  ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;

function problemOf(page, link) {
  const [path, anchor] = link.split('#');
  const file =
    path === '' ? page : path.startsWith(base) ? path.slice(base.length) : join(dirname(page), path);
  const target = [file, `${file}.html`, join(file, 'index.html')].find(
    (candidate) => existsSync(join(folder, candidate)) && /\.\w+$/.test(candidate),
  );
  if (target === undefined) return 'no such page';
  if (anchor === undefined || anchor === '' || !target.endsWith('.html')) return undefined;
  return anchorsOf.get(target).has(anchor) ? undefined : 'no such anchor';
}
