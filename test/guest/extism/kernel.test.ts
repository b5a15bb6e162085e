import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { REPOSITORY } from '../../fixtures/project.ts'

const run = promisify(execFile)

it('the kernel in the repository is the one that `npm run kernel` makes of kernel.wat', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bitscript-kernel-'))
  const made = join(folder, 'kernel-binary.ts')
  await run(process.execPath, ['--import', 'tsx', 'build/extism-kernel.ts', made], { cwd: REPOSITORY })
  expect(await readFile(made, 'utf8')).toBe(await readFile(join(REPOSITORY, 'src/guest/extism/kernel-binary.ts'), 'utf8'))
  await rm(folder, { recursive: true })
})
