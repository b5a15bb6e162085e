import { availableParallelism } from 'node:os'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { ALONE, LONG_BROWSER_TESTS, REENTRANCY, SHARED } from './vitest.config.ts'

const SOAK_TESTS = ['test/**/*.soak.test.ts']
const TIMED_TESTS = ['test/**/*.timed.soak.test.ts']

/** The files that take longest. A worker that began one of them last would run on alone. */
const LONGEST: readonly string[] = [
  'storms',
  'differential/fuzz',
  'forged-recording',
  'forged-snapshot',
  'page.browser',
  'new-game',
  'site.browser',
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
          globalSetup: ['test/fixtures/find-compilers.ts', 'test/fixtures/find-browser.ts'],
        },
      },
      { extends: true, test: { name: 'inline', include: [REENTRANCY], env: { PLACES: 'all' } } },
      { extends: true, test: { name: 'host', include: [REENTRANCY], env: { PLACES: 'all', LINK: 'host' } } },
      {
        extends: true,
        test: {
          name: 'browser',
          include: [...LONG_BROWSER_TESTS],
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
      { extends: true, test: { ...ALONE, name: 'timed inline', include: TIMED_TESTS } },
      { extends: true, test: { ...ALONE, name: 'timed host', include: TIMED_TESTS, env: { LINK: 'host' } } },
    ],
  },
})

export default config
