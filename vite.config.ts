import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin, type UserConfig } from 'vite'
import { licenses } from './build/licenses.ts'

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** What `@stdlib` finds out, or makes up for, at run time, and every engine with WebAssembly has: a third of its size. */
const NATIVE: Readonly<Record<string, string>> = {
  '@stdlib/math-base-assert-is-nan': 'Number.isNaN',
  '@stdlib/math-base-assert-is-infinite': '(x) => Math.abs(x) === Infinity',
  '@stdlib/math-base-assert-is-integer': '(x) => Math.floor(x) === x',
  '@stdlib/math-base-special-ceil': 'Math.ceil',
  '@stdlib/math-base-special-trunc': 'Math.trunc',
  '@stdlib/number-uint32-base-to-int32': '(x) => x | 0',
  '@stdlib/assert-is-little-endian': 'new Uint8Array(Uint16Array.of(1).buffer)[0] === 1',
  '@stdlib/math-base-special-round': 'Math.round',
  '@stdlib/math-base-assert-is-even': '(x) => Math.floor(x / 2) === x / 2',
  '@stdlib/math-base-assert-is-odd': '(x) => ((x) => Math.floor(x) === x)((x > 0 ? x - 1 : x + 1) / 2)',
  '@stdlib/math-base-special-copysign': '(x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x))',
  '@stdlib/constants-float64-pinf': 'Infinity',
  '@stdlib/constants-float64-ninf': '-Infinity',
  '@stdlib/constants-float64-pi': 'Math.PI',
  '@stdlib/constants-float64-half-pi': 'Math.PI / 2',
  '@stdlib/constants-float64-fourth-pi': 'Math.PI / 4',
  '@stdlib/constants-float64-ln-two': 'Math.LN2',
  '@stdlib/number-float64-base-signbit': '(x) => x < 0 || Object.is(x, -0)',
  '@stdlib/array-base-zeros': '(length) => new Array(length).fill(0)',
  '@stdlib/math-base-special-abs': 'Math.abs',
  '@stdlib/math-base-special-floor': 'Math.floor',
  '@stdlib/math-base-special-sqrt': 'Math.sqrt',
  '@stdlib/number-ctor': 'Number',
  '@stdlib/array-float64': 'Float64Array',
  '@stdlib/array-uint32': 'Uint32Array',
  '@stdlib/array-uint16': 'Uint16Array',
  '@stdlib/array-uint8': 'Uint8Array',
  // Of the server of the Debug Adapter Protocol, which runs in Node alone.
  events: "process.getBuiltinModule('node:events')",
  '@stdlib/utils-define-nonenumerable-read-only-property': '(target, name, value) => Object.defineProperty(target, name, { value })',
}

const native: Plugin = {
  name: 'native',
  enforce: 'pre',
  resolveId: (id) => (Object.hasOwn(NATIVE, id) ? `\0native:${id}` : undefined),
  load: (id) => (id.startsWith('\0native:') ? `module.exports = ${NATIVE[id.slice('\0native:'.length)]}` : undefined),
}

/**
 * What makes the assembler a module that every bundler and engine can load: it need not read files, since its binary is in it, and
 * exports itself as modules do.
 */
const PORTABLE: readonly (readonly [from: string, to: string])[] = [
  ['globalThis.process?.versions?.node&&globalThis.process?.type!="renderer"', 'false'],
  ['require("fs")', 'undefined'],
  // Webpack decides that the name exists, and a module has none.
  ['typeof __filename!="undefined"', 'false'],
  [
    'if(typeof exports==="object"&&typeof module==="object"){module.exports=WabtModule;module.exports.default=WabtModule}else if(typeof define==="function"&&define["amd"])define([],()=>WabtModule);',
    'export default WabtModule',
  ],
]

const portable: Plugin = {
  name: 'portable',
  transform: {
    filter: { id: /node_modules\/wabt\/index\.js$/ },
    handler: (code) =>
      PORTABLE.reduce((changed, [from, to]) => {
        if (changed.split(from).length !== 2) throw new Error(`wabt has changed: it should contain ${from} once`)
        return changed.replace(from, () => to)
      }, code),
  },
}

/** Names of chunks that entries share, by a module that each holds. The others are small, and Rolldown names them after a module. */
const CHUNKS: readonly (readonly [module: RegExp, name: string])[] = [
  [/src\/runtime\/reload\/reload\.ts$/, 'reload'],
  [/src\/runtime\/time\/recorder\.ts$/, 'time'],
  [/@stdlib/, 'math'],
  [/node_modules\/wabt\//, 'wabt'],
  [/src\/node\/script-imports\.ts$/, 'script-imports'],
  [/src\/guest\/extism\/open-plugin\.ts$/, 'extism'],
  [/src\/guest\/component\/component\.ts$/, 'component'],
  [/src\/runtime\/script\/renewal\.ts$/, 'renewal'],
  [/src\/runtime\/tick\/schedule\.ts$/, 'schedule'],
  [/src\/runtime\/jobs\/runtime-jobs\.ts$/, 'jobs'],
  [/src\/runtime\/tick\/actors\.ts$/, 'actors'],
  [/src\/guest\/extism\/open-worker\.ts$/, 'extism-worker'],
  [/src\/node\/dap\//, 'dap'],
  [/src\/node\//, 'node'],
  [/src\/colyseus\/game\//, 'colyseus-game'],
]

/**
 * What a page with scripts needs at once is one chunk: it compresses better than several. What only later imports and other exports
 * of the main entry need is in chunks of their own, so that bundlers can leave it out.
 */
const GROUPS = [
  { name: 'runtime', test: /src\/runtime\/runtime\.ts$/ },
  { name: 'describe-game', test: /src\/runtime\/load\/describe-game\.ts$/ },
]

function chunkFileName({ name, moduleIds }: { readonly name: string; readonly moduleIds: readonly string[] }): string {
  const known = CHUNKS.find(([module]) => moduleIds.some((id) => module.test(id)))
  return `shared/${known?.[1] ?? name}.js`
}

const config: UserConfig = defineConfig({
  plugins: [
    { ...native, apply: 'build' },
    { ...portable, apply: 'build' },
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
        'node/register': path('src/node/register.ts'),
        'runtime/load/read-file': path('src/runtime/load/read-file.ts'),
        'runtime/load/no-files': path('src/runtime/load/no-files.ts'),
        'guest/component/prepare/prepare': path('src/guest/component/prepare/prepare.ts'),
        'guest/component/prepare/no-prepare': path('src/guest/component/prepare/no-prepare.ts'),
        'debug/index': path('src/debug/index.ts'),
        'devtools/index': path('src/devtools/index.ts'),
        'vite/index': path('src/vite/index.ts'),
        'vite/client': path('src/vite/client.ts'),
        'colyseus/index': path('src/colyseus/index.ts'),
        'colyseus/client/index': path('src/colyseus/client/index.ts'),
      },
    },
    rolldownOptions: {
      external: [
        'bitecs',
        /^@colyseus/,
        'ioredis',
        /^@bytecodealliance/,
        '@extism/extism',
        'commander',
        'picocolors',
        'vite',
        /^tsx/,
        /^node:/,
        /^#/,
      ],
      output: { chunkFileNames: chunkFileName, codeSplitting: { groups: GROUPS } },
    },
  },
})

export default config
