import { fileURLToPath } from 'node:url'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

const config: ViteUserConfig = defineConfig({
  build: {
    target: 'es2022',
    minify: false,
    // What is bundled (math, checks of options) brings its licences along.
    license: { fileName: 'LICENSES.md' },
    lib: {
      formats: ['es'],
      entry: {
        index: path('src/index.ts'),
        'node/index': path('src/node/index.ts'),
        'node/command': path('src/node/command.ts'),
        'node/read-file': path('src/node/read-file.ts'),
        'runtime/read-file': path('src/runtime/read-file.ts'),
      },
    },
    rolldownOptions: {
      external: ['bitecs', 'chokidar', 'commander', 'picocolors', 'wabt', /^tsx/, /^node:/, /^#/],
      output: { chunkFileNames: 'shared/[name].js' },
    },
  },
  test: {
    projects: [
      { extends: true, test: { name: 'inline', include: ['test/**/*.test.ts'] } },
      { extends: true, test: { name: 'host', include: ['test/runtime/**/*.test.ts'], env: { LINK: 'host' } } },
    ],
    alias: {
      'bitscript/node': path('src/node/index.ts'),
      bitscript: path('src/index.ts'),
      '#read-file': path('src/node/read-file.ts'),
    },
    // Some tests start processes and wait for files: they take as long as the machine does.
    testTimeout: 20_000,
  },
})

export default config
