import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { ALONE, LONG_BROWSER_TESTS, REENTRANCY, SHARED } from './vitest.config.ts'

const SOAK_TESTS = ['test/**/*.soak.test.ts']
const TIMED_TESTS = ['test/**/*.timed.soak.test.ts']

/** The long forms of tests that `npm test` runs in a short form. */
const config: ViteUserConfig = defineConfig({
  test: {
    ...SHARED,
    testTimeout: 3_600_000,
    projects: [
      { extends: true, test: { name: 'soak', include: SOAK_TESTS, exclude: TIMED_TESTS } },
      { extends: true, test: { name: 'host', include: [REENTRANCY], env: { LINK: 'host' } } },
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
