import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { REPOSITORY } from '../../fixtures/project.ts'
import { testGeneratedModules } from './fuzz-modules.ts'

testGeneratedModules(300)

it('5,000 generated modules do the same when they are rewritten, by the command for fuzzing', async () => {
  // The command starts processes of its own: engines give the memories of instances back late.
  const args = ['--import', 'tsx', 'test/wasm/differential/fuzz-command.ts', '--from', '300', '--count', '5000']
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: REPOSITORY })
  expect(stdout).toMatch(/^5000 modules in .*"mismatch":0/m)
})
