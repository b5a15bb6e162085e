import { fileURLToPath } from 'node:url'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** Limits for a hang, not for slowness: a machine ten times slower than usual stays below them. */
const TEN_MINUTES = 600_000
const TWO_MINUTES = 120_000

const BROWSER_TESTS = ['test/**/*.browser.test.ts']
/** The editor, the inspector and the Vite plugin by themselves: the page of the game has all three, and tests that use them. The site of the docs, builds, policies and workers. */
export const LONG_BROWSER_TESTS: readonly string[] = [
  'test/demo/debugger.browser.test.ts',
  'test/demo/editor/editor.browser.test.ts',
  'test/devtools/inspector-edits.browser.test.ts',
  'test/devtools/inspector.browser.test.ts',
  'test/docs/first-game.browser.test.ts',
  'test/docs/site.browser.test.ts',
  'test/engine/policy.browser.test.ts',
  'test/guest/extism/worker.browser.test.ts',
  'test/vite/{build,plugin}.browser.test.ts',
]
/** Compilers, bindings, guests and mods with the command line and with Vite, and the pages of the docs, which start programs; plugins in threads; memories as large as they may become. */
export const LONG_TESTS: readonly string[] = [
  'test/debug/past/memories.test.ts',
  'test/docs/{bundlers,components,guests,pages}.test.ts',
  'test/guest/extism/worker.test.ts',
  'test/node/bindings/files.test.ts',
  'test/node/{build-mods,components,guests,mods-command,register,replay-command,sources,wit}.test.ts',
  'test/vite/sources.test.ts',
]
const SOAK_TESTS = ['test/**/*.soak.test.ts']
/** Tests that compare times. */
const TIMED_TESTS = ['test/**/*.timed.test.ts']
/** A table that takes long: the soak runs it whole. */
export const REENTRANCY = 'test/runtime/reentrancy.test.ts'
/** Tests of what does not depend on how columns are reached, or that link scripts in both ways by themselves. */
const SAME_WHEN_LINKED_BY_HOST = [
  'test/guest/*-cache.test.ts',
  'test/guest/**/forged*.test.ts',
  'test/guest/component/canonical/**',
  'test/guest/extism/worker*.test.ts',
  'test/runtime/api/**',
  'test/runtime/batch-faults.test.ts',
  'test/runtime/guest-languages.test.ts',
  'test/runtime/image/codec.test.ts',
  'test/runtime/image/forged*.test.ts',
  'test/runtime/jobs/**',
  'test/runtime/load/**',
  'test/runtime/services/**',
  'test/runtime/time/forged*.test.ts',
  'test/runtime/time/history.test.ts',
]

/** What scripts do, which is tested again with other links: as the reference with host functions, and on one memory. */
export const LINKED: NonNullable<ViteUserConfig['test']> = {
  include: ['test/{runtime,guest}/**/*.test.ts', 'test/host/{link,modules}/*.test.ts'],
  exclude: [...BROWSER_TESTS, ...SOAK_TESTS, ...TIMED_TESTS, ...SAME_WHEN_LINKED_BY_HOST, REENTRANCY],
}
/**
 * Tests of what differs most if columns are reached by host functions, or if the memory of a script is a window of the ECS memory. The soak runs the rest
 * of {@link LINKED} in both ways.
 */
export const CLOSE_TO_MEMORY: readonly string[] = [
  'test/guest/script/{conformance,carry-state}.test.ts',
  'test/runtime/{inline,memory,imports}.test.ts',
  'test/runtime/image/snapshot.test.ts',
]

/** Lets Node 20 run what later versions and browsers do, groups with relaxed SIMD. The soak tests them without. */
const RELAXED_FLAGS: readonly string[] = Number.parseInt(process.versions.node, 10) === 20 ? ['--experimental-wasm-relaxed-simd'] : []
/** The official Extism SDK loads Node's WASI. All projects have the same flags, so that they share processes. */
const NODE_FLAGS: readonly string[] = ['--expose-gc', '--disable-warning=ExperimentalWarning', ...RELAXED_FLAGS]

/** Runs tests alone, after all others: nothing else may take the processor while they compare times. */
export const ALONE: NonNullable<ViteUserConfig['test']> = { maxWorkers: 1, sequence: { groupOrder: 1 } }

/** What `vitest.soak.config.ts` shares. */
export const SHARED: NonNullable<ViteUserConfig['test']> = {
  alias: {
    'bitscript/node': path('src/node/index.ts'),
    'bitscript/register': path('src/node/register.ts'),
    'bitscript/debug': path('src/debug/index.ts'),
    'bitscript/devtools': path('src/devtools/index.ts'),
    'bitscript/vite': path('src/vite/index.ts'),
    'bitscript/colyseus/client': path('src/colyseus/client/index.ts'),
    'bitscript/colyseus': path('src/colyseus/index.ts'),
    bitscript: path('src/index.ts'),
    '#prepare-component': path('src/guest/component/prepare/prepare.ts'),
    '#read-file': path('src/runtime/load/read-file.ts'),
  },
  testTimeout: TEN_MINUTES,
  hookTimeout: TEN_MINUTES,
  teardownTimeout: TWO_MINUTES,
  expect: { poll: { timeout: TWO_MINUTES } },
  // Vitest leaves one core idle by default.
  maxWorkers: '100%',
  // A terminal shows progress; a log shows failures and the summary.
  reporters: [process.stdout.isTTY ? 'default' : 'minimal'],
  silent: 'passed-only',
  // Tests compare what is printed.
  env: { NO_COLOR: '1' },
  // Projects share most modules, and each would transform them again.
  experimental: { fsModuleCache: true },
}

const config: ViteUserConfig = defineConfig({
  test: {
    ...SHARED,
    // Test files share a process, and the modules they import: no test leaves global state behind.
    isolate: false,
    execArgv: [...NODE_FLAGS],
    projects: [
      {
        extends: true,
        test: {
          name: 'inline',
          include: ['test/**/*.test.ts'],
          exclude: [...BROWSER_TESTS, ...LONG_TESTS, ...SOAK_TESTS, ...TIMED_TESTS],
        },
      },
      // What scripts do is tested again with host functions, the reference for inlined accessors, and in windows.
      { extends: true, test: { name: 'host', include: [...CLOSE_TO_MEMORY], env: { LINK: 'host' } } },
      { extends: true, test: { name: 'window', include: [...CLOSE_TO_MEMORY], env: { LINK: 'window' } } },
      {
        extends: true,
        test: {
          name: 'browser',
          include: BROWSER_TESTS,
          exclude: [...LONG_BROWSER_TESTS],
          globalSetup: 'test/fixtures/find-browser.ts',
          // Retry browser tests once: the first page load can time out.
          retry: 1,
        },
      },
      { extends: true, test: { ...ALONE, name: 'timed', include: TIMED_TESTS } },
    ],
  },
})

export default config
