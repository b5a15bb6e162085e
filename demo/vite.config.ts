import { fileURLToPath } from 'node:url'
import { bitscript } from 'bitscript/vite'
import { defineConfig, type UserConfig } from 'vite'
import { abiTables } from './abi-tables.ts'

const config: UserConfig = defineConfig({
  root: import.meta.dirname,
  base: './',
  // Scripts are edited in the page, which needs their texts and the assembler.
  plugins: [bitscript({ editable: true }), abiTables()],
  resolve: {
    alias: Object.fromEntries(['bitscript/devtools', 'bitscript'].map((name) => [name, fileURLToPath(import.meta.resolve(name))])),
  },
  build: { target: 'es2022', chunkSizeWarningLimit: 1000 },
})

export default config
