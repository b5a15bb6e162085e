import { execFile } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { REPOSITORY } from '../fixtures/project.ts'

const run = promisify(execFile)

it('has a program that shows what the rewriter writes', async () => {
  const program = /^ *```ts\n([\s\S]*?)^ *```$/m.exec(await readFile(join(REPOSITORY, 'CONTRIBUTING.md'), 'utf8'))?.[1] ?? ''
  const file = join(REPOSITORY, `show-${process.pid}.mts`)
  await writeFile(file, program)
  try {
    const { stdout } = await run(process.execPath, ['--import', 'tsx', file, 'scripts-wat/shield.wat'], { cwd: REPOSITORY })
    expect(stdout).toContain('(func $now')
  } finally {
    await rm(file)
  }
})
