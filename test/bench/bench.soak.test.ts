import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { REPOSITORY } from '../fixtures/project.ts'

/** Those that load most of what can be loaded. The others take minutes more. */
const SUITES = ['json', 'load']

it.each(SUITES)('the benchmark measures %s', async (suite) => {
  const program = ['--expose-gc', '--disable-warning=ExperimentalWarning', '--tsconfig', 'test/bench/tsconfig.json', 'test/bench/bench.ts']
  const { stdout } = await promisify(execFile)('npx', ['tsx', ...program, suite, '--quick'], { cwd: REPOSITORY })
  expect(stdout).toMatch(new RegExp(`^${suite}: .+\n\n[^\n]*\n─+\n`, 'm'))
})
