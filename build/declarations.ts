import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Plugin, rolldown } from 'rolldown'
import { dts } from 'rolldown-plugin-dts'

// Bundles the declarations of each entry, from the sources. Run it after Vite's build, which empties `dist`.

const path = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url))

/** Entries beside the main one: each is a folder of its own. */
const FOLDERS = ['src/node/', 'src/devtools/', 'src/vite/'].map(path)

/**
 * Replaces what such a folder imports from outside itself by an import of the main entry. So each entry is one file, no type is declared
 * twice, and a public type that the main entry does not export is an error in the test of the package.
 */
const mainEntry: Plugin = {
  name: 'main-entry',
  async resolveId(source, importer, options) {
    const folder = FOLDERS.find((name) => importer?.startsWith(name))
    if (folder === undefined) return undefined
    const resolved = await this.resolve(source, importer, options)
    if (resolved === null || resolved.external || resolved.id.startsWith(folder)) return resolved
    return { id: 'bitscript', external: true }
  },
}

/** Ships the declaration of `*?script` as it is written. */
const clientTypes: Plugin = {
  name: 'client-types',
  async generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'vite/modules.d.ts', source: await readFile(path('src/vite/modules.ts'), 'utf8') })
  },
}

const bundle = await rolldown({
  input: {
    index: path('src/index.ts'),
    'node/index': path('src/node/index.ts'),
    'node/register': path('src/node/register.ts'),
    'devtools/index': path('src/devtools/index.ts'),
    'vite/index': path('src/vite/index.ts'),
  },
  external: ['bitecs', 'vite', /^node:/],
  // `oxc` needs neither the compiler nor a check of types: the sources are written for `isolatedDeclarations`.
  plugins: [mainEntry, dts({ emitDtsOnly: true, oxc: { stripInternal: true } }), clientTypes],
  onLog: (level, { code, message }) => {
    // How long a plugin took says nothing of the declarations.
    if (level === 'warn' && code !== 'PLUGIN_TIMINGS') throw new Error(message)
  },
})
await bundle.write({ dir: path('dist') })
await bundle.close()
