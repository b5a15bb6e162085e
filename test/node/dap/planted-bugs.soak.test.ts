import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mistakenLine } from '../../debug/mistaken-line.ts'
import { PLANTED_BUGS, recordPlantedBug } from '../../debug/planted-bugs.ts'
import { bitscript, REPOSITORY } from '../../fixtures/project.ts'
import { startCommand, startOn } from './editor.ts'
import { beginInCode, goInCode, stopInCode } from './vscode.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bitscript-dap-'))
  await mkdir(join(folder, 'node_modules'))
  await symlink(REPOSITORY, join(folder, 'node_modules/bitscript'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('who set the points of the player to -1', () => {
  it.each(PLANTED_BUGS)('is answered in an editor by going back to the write, for $name', async (bug) => {
    const { field, entity, answer } = bug
    await writeFile(join(folder, 'game.rec'), (await recordPlantedBug(bug)).toBytes())
    const { editor, ended } = startCommand(folder)
    await beginInCode(editor, { request: 'launch', configuration: { recording: 'game.rec', simulation: bug.file } })
    await stopInCode(editor)
    expect((await goInCode(editor, 'continue')).stopped).toMatchObject({ description: 'The end of what is kept, tick 600' })
    const data = { dataId: `${field}[${entity}]`, accessType: 'write', condition: 'value == -1' }
    await editor.ask('setDataBreakpoints', { breakpoints: [data] })
    const { stopped, frames } = await goInCode(editor, 'reverseContinue')
    const by = answer.by === 'host' ? 'the game (write)' : answer.by
    expect(stopped).toMatchObject({
      reason: 'data breakpoint',
      description: `${by} wrote ${field}[${entity}]: ${answer.old} → ${answer.value}, tick ${answer.tick}`,
    })
    if (answer.line !== undefined) expect(frames[0]).toMatchObject({ name: `${answer.by}.${answer.function}`, line: answer.line })
    const called = await mistakenLine(bug)
    if (called !== undefined) expect(frames[0]).toMatchObject({ line: called, source: { path: bug.file } })
    await editor.ask('disconnect', {})
    expect(await ended).toBe(0)
  })
})

describe('the ways in which an editor starts it', () => {
  const configuration = { simulation: join(REPOSITORY, 'test/debug/planted-bugs/wrong-index.ts'), ticks: 10 }

  it('serves several editors at a port, one after the other', async () => {
    const running = bitscript(folder, 'dap', '--port', '0')
    const port = Number((await running.printed(/127\.0\.0\.1:\d+/)).split(':')[1])
    for (let count = 0; count < 2; count++) {
      const socket = connect(port, '127.0.0.1')
      const editor = startOn(socket)
      await beginInCode(editor, { request: 'launch', configuration })
      expect(await stopInCode(editor)).toMatchObject({ stopped: { reason: 'entry' } })
      await editor.ask('disconnect', {})
      await new Promise((resolve) => socket.on('close', resolve))
    }
    running.process.kill('SIGINT')
    expect(await running.ended).toBe(0)
  })

  it('is started by the extension that it writes for VS Code', async () => {
    const written = bitscript(folder, 'dap', '--vscode')
    expect([await written.ended, written.output()]).toEqual([0, expect.stringContaining('.vscode/extensions/bitscript is written')])
    const { editor, ended } = startCommand(tmpdir(), [join(folder, '.vscode/extensions/bitscript/adapter.cjs')])
    await beginInCode(editor, { request: 'launch', configuration })
    expect(await stopInCode(editor)).toMatchObject({ stopped: { reason: 'entry' } })
    await editor.ask('disconnect', {})
    expect(await ended).toBe(0)
  })
})
