import { Converter, PageEvent, ReflectionKind } from 'typedoc';
import { anchorOf } from './anchors.mjs';

/** @param {import('typedoc').Application} app */
export function load(app) {
  // Names a module as its users import it: `discovery/grpc` instead of `discovery/src/grpc`.
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (_context, reflection) => {
    if (reflection.kind === ReflectionKind.Module) reflection.name = toImport(reflection.name);
  });
  app.renderer.on(PageEvent.END, (page) => {
    if (typeof page.contents === 'string') page.contents = withExistingAnchors(page.contents);
  });
}

/** `discovery/src/http/server` is imported as `discovery/http-server`. */
const toImport = (name) => name.replace('/src', '').replace('/http/server', '/http-server');

/**
 * typedoc-plugin-markdown 4.14 counts a name twice if it is that of a type and of a re-export, and then links to a second heading
 * that does not exist. The link check of the site finds any other broken anchor.
 * @param {string} markdown
 */
function withExistingAnchors(markdown) {
  const headings = [...markdown.matchAll(/^#+ (.+)$/gm)].map((match) => anchorOf(match[1]));
  return markdown.replaceAll(/\]\(#([\w-]+)-1\)/g, (link, name) =>
    headings.filter((heading) => heading === name).length === 1 ? `](#${name})` : link,
  );
}
