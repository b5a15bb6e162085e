import { fileURLToPath } from 'node:url'
import { defineConfig, type UserConfig } from 'vite'

const config: UserConfig = defineConfig({
  root: import.meta.dirname,
  cacheDir: '../../node_modules/.vite-rooms',
  resolve: {
    alias: Object.fromEntries(['bitscript/colyseus/client', 'bitscript'].map((name) => [name, fileURLToPath(import.meta.resolve(name))])),
  },
  // A script that is saved goes to the rooms, which send it to the pages.
  server: { watch: { ignored: ['**/*.wat'] } },
})

export default config
