import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { REPOSITORY } from '../../fixtures/project.ts'

const run = promisify(execFile)

it('the modules in the repository are those that `npm run kernel` makes of kernel.wat and worker.wat', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bitscript-kernel-'))
  await run(process.execPath, ['--import', 'tsx', 'build/extism-kernel.ts', folder], { cwd: REPOSITORY })
  for (const file of ['kernel-binary.ts', 'worker-binary.ts'])
    expect(await readFile(join(folder, file), 'utf8')).toBe(await readFile(join(REPOSITORY, 'src/guest/extism', file), 'utf8'))
  await rm(folder, { recursive: true })
})
