import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { mistakenLine } from '../debug/mistaken-line.ts'
import { PLANTED_BUGS, recordPlantedBug } from '../debug/planted-bugs.ts'
import { finish } from '../fixtures/project.ts'

const BUILD = fileURLToPath(new URL('../../build/', import.meta.url))

it.each(PLANTED_BUGS)('bitscript who answers who set the points of the player to -1, for $name', async (bug) => {
  const folder = await mkdtemp(join(BUILD, 'who-'))
  try {
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'game.rec'), (await recordPlantedBug(bug)).toBytes())
    const { field, entity, answer } = bug
    const asked = ['--field', field, '--entity', String(entity), '--count', '1', '--sim', bug.file]
    const { code, output } = await finish(folder, 'who', 'game.rec', ...asked)
    const { tick, old, value, by, function: name, line } = answer
    expect(code, output).toBe(0)
    expect(output).toContain(`tick ${tick}  ${old} -> ${value}  ${by}${name === undefined ? '' : ` ${name}`}`)
    const called = await mistakenLine(bug)
    if (called !== undefined)
      expect(output).toMatch(new RegExp(`  host by write in before  \\S*host-write\\.ts:${called}:\\d+\\n +if .*runtime\\.write\\(`))
    if (line !== undefined) expect(output).toMatch(new RegExp(`  ${by} ${name}  \\S*:${line}:\\d+$`, 'm'))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
