import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin, type UserConfig } from 'vite'
import { licenses } from './build/licenses.ts'

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** What `@stdlib` finds out, or makes up for, at run time, and every engine with WebAssembly has: a third of its size. */
const NATIVE: Readonly<Record<string, string>> = {
  '@stdlib/array-float64': 'Float64Array',
  '@stdlib/array-uint32': 'Uint32Array',
  '@stdlib/array-uint16': 'Uint16Array',
  '@stdlib/array-uint8': 'Uint8Array',
  '@stdlib/utils-define-nonenumerable-read-only-property': '(target, name, value) => Object.defineProperty(target, name, { value })',
}

const native: Plugin = {
  name: 'native',
  enforce: 'pre',
  resolveId: (id) => (Object.hasOwn(NATIVE, id) ? `\0native:${id}` : undefined),
  load: (id) => (id.startsWith('\0native:') ? `module.exports = ${NATIVE[id.slice('\0native:'.length)]}` : undefined),
}

/** Names of chunks that entries share, by a module that each holds. The others are small, and Rolldown names them after a module. */
const CHUNKS: readonly (readonly [module: RegExp, name: string])[] = [
  [/src\/runtime\/runtime\.ts$/, 'runtime'],
  [/@stdlib/, 'math'],
  [/src\/node\//, 'node'],
]

function chunkFileName({ name, moduleIds }: { readonly name: string; readonly moduleIds: readonly string[] }): string {
  const known = CHUNKS.find(([module]) => moduleIds.some((id) => module.test(id)))
  return `shared/${known?.[1] ?? name}.js`
}

const config: UserConfig = defineConfig({
  plugins: [
    { ...native, apply: 'build' },
    { ...licenses('licenses.json', 'LICENSES.md'), apply: 'build' },
  ],
  build: {
    target: 'es2022',
    minify: false,
    license: { fileName: 'licenses.json' },
    lib: {
      formats: ['es'],
      entry: {
        index: path('src/index.ts'),
        'node/index': path('src/node/index.ts'),
        'node/command': path('src/node/command.ts'),
        'runtime/load/read-file': path('src/runtime/load/read-file.ts'),
        'runtime/load/no-files': path('src/runtime/load/no-files.ts'),
        'devtools/index': path('src/devtools/index.ts'),
        'vite/index': path('src/vite/index.ts'),
        'vite/client': path('src/vite/client.ts'),
      },
    },
    rolldownOptions: {
      external: ['bitecs', 'commander', 'picocolors', 'vite', 'wabt', /^tsx/, /^node:/, /^#/],
      output: { chunkFileNames: chunkFileName },
    },
  },
})

export default config
