import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitepress'
import { highlightOnce } from '../highlight.ts'
import { deadLinks } from '../links.ts'
import { anchorOf, pageOf, REPOSITORY, rewriteLinks, sidebar } from '../pages.ts'

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#3451b2"/><path d="M5 3v10h4a3 3 0 0 0 0-6H5" fill="none" stroke="#fff" stroke-width="2"/></svg>'

export default defineConfig({
  title: 'bitscript',
  description:
    'A scripting runtime for games on bitECS: sandboxed WebAssembly scripts, attached to entities, reloaded without losing state.',
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(ICON)}` }]],
  srcDir: REPOSITORY,
  srcExclude: ['!(docs|scripts-wat|build|*.md)/**', 'build/!(site)/**', 'scripts-wat/!(README).md', 'docs/*/**'],
  outDir: fileURLToPath(new URL('../dist', import.meta.url)),
  cacheDir: fileURLToPath(new URL('../node_modules/.vitepress', import.meta.url)),
  rewrites: (file) => pageOf(file) ?? file,
  // The site is not the package: Vite must not read its configuration.
  vite: {
    configFile: false,
    // The index of the search has 1 MB, and is loaded by the first search.
    build: { chunkSizeWarningLimit: 2000 },
    plugins: [
      {
        // Pages become modules that import Vue. They are outside of this folder, so they do not find it by themselves.
        name: 'vue-of-the-site',
        enforce: 'pre',
        resolveId(source, _importer, options) {
          if (!/^vue(?:\/|$)/.test(source)) return undefined
          if (options.ssr) return { id: source, external: true }
          return this.resolve(source, fileURLToPath(import.meta.url), { ...options, skipSelf: true })
        },
      },
    ],
  },
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    anchor: { slugify: anchorOf },
    languageAlias: { wat: 'wasm', wit: 'rust' },
    config(md) {
      md.core.ruler.push('repository-links', ({ tokens, env }) => rewriteLinks(tokens, env.realPath ?? env.path))
      if (md.options.highlight) md.options.highlight = highlightOnce(md.options.highlight)
    },
  },
  // VitePress fails for a link to a page that is not there, this for one to a heading.
  buildEnd({ outDir, site }) {
    const dead = deadLinks(outDir, site.base)
    if (dead.length > 0) throw new Error(`links that lead nowhere:\n${dead.join('\n')}`)
  },
  themeConfig: {
    nav: [
      { text: 'Contents', link: '/contents' },
      { text: 'API', link: '/api/' },
    ],
    sidebar: [
      ...sidebar(),
      {
        text: 'API reference',
        items: [
          { text: 'bitscript', link: '/api/bitscript/' },
          { text: 'bitscript/node', link: '/api/bitscript/node/' },
          { text: 'bitscript/vite', link: '/api/bitscript/vite/' },
          { text: 'bitscript/devtools', link: '/api/bitscript/devtools/' },
          { text: 'bitscript/debug', link: '/api/bitscript/debug/' },
          { text: 'bitscript/colyseus', link: '/api/bitscript/colyseus/' },
          { text: 'bitscript/colyseus/client', link: '/api/bitscript/colyseus/client/' },
        ],
      },
    ],
    outline: [2, 3],
    search: { provider: 'local' },
  },
})
