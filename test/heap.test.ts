import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { REPOSITORY } from './fixtures/project.ts'

it('2,000 loads, reloads and unloads leave the heap as it was', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', 'test/fixtures/heap.js', '2000'], { cwd: REPOSITORY })
  // Less than 100 bytes a round: one retained instance would be some 5,000.
  expect(Number(stdout)).toBeLessThan(200_000)
  expect(stdout.trim()).not.toBe('')
})

it('10,000 reloads in a row of one script, with its state and ever other texts, leave the heap as it was', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', 'test/fixtures/reload-heap.js', '10000'], {
    cwd: REPOSITORY,
  })
  // Less than 30 bytes a reload: one retained instance would be some 5,000.
  expect(Number(stdout)).toBeLessThan(300_000)
  expect(stdout.trim()).not.toBe('')
}, 60_000)
