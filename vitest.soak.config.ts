import { availableParallelism } from 'node:os'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { ALONE, CLOSE_TO_MEMORY, LINKED, LONG_BROWSER_TESTS, LONG_TESTS, REENTRANCY, SHARED } from './vitest.config.ts'

const SOAK_TESTS = ['test/**/*.soak.test.ts']
const TIMED_TESTS = ['test/**/*.timed.soak.test.ts']
/** Those whose time depends on how imports are linked. */
const LINKED_TIMED_TESTS = ['test/runtime/linked-time-bound.timed.soak.test.ts']

/** What the projects `host` and `window` exclude: also what they run in `npm test`. */
const NOT_LINKED = [...(LINKED.exclude ?? []), ...CLOSE_TO_MEMORY]

/** For test files that install the package. */
const ARCHIVE = 'test/fixtures/make-archive-folder.ts'

/** The files that take longest. A worker that began one of them last would run on alone. */
const LONGEST: readonly string[] = [
  'storms-on-disk',
  'new-game',
  'page.browser',
  'storms-in-memory',
  'differential/fuzz',
  'inspector.browser',
  'editor.browser',
  'forged-recording',
  'assemblyscript',
  'site.browser',
  'forged-snapshot',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = LONGEST.findIndex((part) => moduleId.includes(part))
      return place < 0 ? LONGEST.length : place
    }
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other))
  }
}

/** The long forms of tests that `npm test` runs in a short form. */
const config: ViteUserConfig = defineConfig({
  test: {
    ...SHARED,
    testTimeout: 3_600_000,
    // As in `npm test`.
    isolate: false,
    // The storms wait for the file system most of the time.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'soak',
          include: SOAK_TESTS,
          exclude: TIMED_TESTS,
          globalSetup: [ARCHIVE, 'test/fixtures/find-compilers.ts', 'test/fixtures/find-browser.ts', 'test/fixtures/find-redis.ts'],
        },
      },
      { extends: true, test: { name: 'inline', include: [REENTRANCY], env: { PLACES: 'all' } } },
      {
        extends: true,
        test: { name: 'long', include: [...LONG_TESTS], globalSetup: ARCHIVE, execArgv: ['--disable-warning=ExperimentalWarning'] },
      },
      {
        extends: true,
        test: {
          ...LINKED,
          name: 'host',
          include: [...(LINKED.include ?? []), REENTRANCY],
          exclude: NOT_LINKED.filter((each) => each !== REENTRANCY),
          env: { LINK: 'host' },
          execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'],
        },
      },
      {
        extends: true,
        test: {
          ...LINKED,
          name: 'window',
          exclude: NOT_LINKED,
          env: { LINK: 'window' },
          execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'],
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: [...LONG_BROWSER_TESTS],
          globalSetup: [ARCHIVE, 'test/fixtures/find-browser.ts'],
          retry: 1,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser window',
          include: ['test/guest/conformance.browser.test.ts'],
          env: { LINK: 'window' },
          globalSetup: 'test/fixtures/find-browser.ts',
          retry: 1,
        },
      },
      {
        extends: true,
        test: {
          name: 'page in development',
          include: ['test/demo/page.browser.test.ts'],
          env: { PAGE: 'development' },
          globalSetup: 'test/fixtures/find-browser.ts',
          retry: 1,
        },
      },
      // Two of these at a time, each on a core of its own: they compare the processor time of their process, too.
      { extends: true, test: { ...ALONE, maxWorkers: 2, name: 'timed inline', include: TIMED_TESTS } },
      { extends: true, test: { ...ALONE, maxWorkers: 2, name: 'timed host', include: LINKED_TIMED_TESTS, env: { LINK: 'host' } } },
    ],
  },
})

export default config
