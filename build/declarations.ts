import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Plugin, rolldown } from 'rolldown'
import { dts } from 'rolldown-plugin-dts'

// Bundles the declarations of each entry, from the sources. Run it after Vite's build, which empties `dist`.

const path = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url))

/** Entries beside the main one, each with the folders whose types are its own. The plugin of Vite takes the types of files from the entry for Node. */
const ENTRIES: readonly (readonly [entry: string, folders: readonly string[]])[] = [
  ['bitscript/node', ['src/node/', 'src/files/'].map(path)],
  ['bitscript/debug', [path('src/debug/')]],
  ['bitscript/devtools', [path('src/devtools/')]],
  ['bitscript/vite', [path('src/vite/')]],
  // The client declares what both sides share: it needs no package for servers.
  ['bitscript/colyseus/client', ['src/colyseus/client/', 'src/colyseus/game/', 'src/colyseus/sync/'].map(path)],
  ['bitscript/colyseus', [path('src/colyseus/')]],
]

function entryOf(file: string | undefined): string | undefined {
  return ENTRIES.find(([, folders]) => folders.some((folder) => file?.startsWith(folder)))?.[0]
}

/**
 * Replaces what such an entry imports from outside itself by an import of the entry that it belongs to, the main one for most. So each entry is one
 * file, no type is declared twice, and a public type that its entry does not export is an error in the test of the package.
 */
const otherEntries: Plugin = {
  name: 'other-entries',
  async resolveId(source, importer, options) {
    const own = entryOf(importer)
    if (own === undefined) return undefined
    const resolved = await this.resolve(source, importer, options)
    if (resolved === null || resolved.external) return resolved
    const entry = entryOf(resolved.id)
    return entry === own ? resolved : { id: entry ?? 'bitscript', external: true }
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
    'debug/index': path('src/debug/index.ts'),
    'devtools/index': path('src/devtools/index.ts'),
    'vite/index': path('src/vite/index.ts'),
    'colyseus/index': path('src/colyseus/index.ts'),
    'colyseus/client/index': path('src/colyseus/client/index.ts'),
  },
  external: ['bitecs', 'vite', 'ioredis', /^@colyseus/, /^node:/],
  // `oxc` needs neither the compiler nor a check of types: the sources are written for `isolatedDeclarations`.
  plugins: [otherEntries, dts({ emitDtsOnly: true, oxc: { stripInternal: true } }), clientTypes],
  onLog: (level, { code, message }) => {
    // How long a plugin took says nothing of the declarations.
    if (level === 'warn' && code !== 'PLUGIN_TIMINGS') throw new Error(message)
  },
})
await bundle.write({ dir: path('dist') })
await bundle.close()
