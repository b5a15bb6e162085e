import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { REPOSITORY } from '../fixtures/project.ts'

// The suite that loads most of what can be loaded. The others take minutes more.
it('the benchmark measures load', async () => {
  const program = ['--expose-gc', '--disable-warning=ExperimentalWarning', '--tsconfig', 'test/bench/tsconfig.json', 'test/bench/bench.ts']
  const { stdout } = await promisify(execFile)('npx', ['tsx', ...program, 'load', '--quick'], { cwd: REPOSITORY })
  expect(stdout).toMatch(/^load: .+\n\n[^\n]*\n─+\n/m)
})
