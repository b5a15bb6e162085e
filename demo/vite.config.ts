import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bitscript } from 'bitscript/vite'
import { defineConfig, type UserConfig } from 'vite'
import { abiTables } from './abi-tables.ts'

/** The compiler of AssemblyScript, which `npm run demo` installs: it takes 100 MB. */
const COMPILER = fileURLToPath(new URL('../build/guests/node_modules/assemblyscript/dist/asc.js', import.meta.url))

const config: UserConfig = defineConfig({
  root: import.meta.dirname,
  base: './',
  // Scripts are edited in the page, which needs their texts and the assembler.
  plugins: [bitscript({ editable: true }), abiTables()],
  resolve: {
    alias: {
      ...Object.fromEntries(
        ['bitscript/devtools', 'bitscript/debug', 'bitscript'].map((name) => [name, fileURLToPath(import.meta.resolve(name))]),
      ),
      'assemblyscript/asc': existsSync(COMPILER)
        ? COMPILER
        : fileURLToPath(new URL('editor/assemblyscript/no-compiler.ts', import.meta.url)),
    },
  },
  // Vite would look at the page of rooms/, too, which has a server of its own.
  optimizeDeps: { entries: ['index.html'] },
  // One file, whose progress the editor can show while it is loaded.
  worker: { format: 'es', rolldownOptions: { output: { codeSplitting: false } } },
  build: { target: 'es2022', chunkSizeWarningLimit: 1000 },
})

export default config
