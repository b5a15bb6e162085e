import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { REPOSITORY } from '../../fixtures/project.ts'
import { soakSize } from '../../fixtures/soak-size.ts'
import { testKeptModules } from './fuzz-modules.ts'
import { KEPT_COUNT } from './generated.ts'

const COUNT = soakSize(15)

testKeptModules(Math.min(KEPT_COUNT, soakSize(12)))

it(`${COUNT} generated modules behave the same after rewriting`, async () => {
  // The command starts processes of its own, since engines free the memories of instances late.
  const args = ['--import', 'tsx', 'test/wasm/differential/fuzz-command.ts', '--from', String(KEPT_COUNT), '--count', String(COUNT)]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: REPOSITORY })
  expect(stdout).toMatch(new RegExp(`^${COUNT} modules in .*"mismatch":0`, 'm'))
})
