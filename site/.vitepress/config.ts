import { defineConfig } from 'vitepress';
import { anchorOf } from '../anchors.mjs';
import { rewriteLinks } from './repository-links';
import { sidebar } from './sidebar';

export default defineConfig({
  title: 'Rollcall',
  description: 'Service discovery for Node and gRPC that keeps working when the registry does not.',
  lang: 'en',
  // Pages serves a project below the name of its repository.
  base: process.env['SITE_BASE'] ?? '/',
  srcDir: '.content',
  outDir: 'dist',
  cacheDir: '.cache',
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  // The search and the fonts are part of the site: reading it needs no other server.
  themeConfig: {
    search: { provider: 'local' },
    outline: { level: [2, 3] },
    sidebar,
    nav: [
      { text: 'Getting started', link: '/getting-started' },
      { text: 'Configuration', link: '/configuration' },
      { text: 'API', link: '/api/' },
    ],
  },
  markdown: {
    // Anchors as on GitHub, where the same files are read.
    anchor: { slugify: anchorOf },
    config: (markdown) => markdown.use(rewriteLinks),
  },
});
