import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { it, onTestFinished } from 'vitest'
import { packInto } from './fixtures/pack-into.ts'
import { REPOSITORY } from './fixtures/project.ts'

const run = promisify(execFile)

// It brings a TypeScript of its own: 38 MB that nothing else needs, so npx fetches it when it is first run.
it('the package is clean to are-the-types-wrong', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bitscript-package-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const archive = await packInto(folder)
  // It exits with an error where it finds a problem.
  await run('npx', ['--yes', '@arethetypeswrong/cli@0.18.5', archive, '--profile', 'esm-only'], { cwd: REPOSITORY })
})
