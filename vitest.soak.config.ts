import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { SHARED } from './vitest.config.ts'

/** The long forms of tests that `npm test` runs in a short form. */
const config: ViteUserConfig = defineConfig({
  test: { ...SHARED, include: ['test/**/*.soak.test.ts'], testTimeout: 3_600_000 },
})

export default config
