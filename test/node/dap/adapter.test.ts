import { rm } from 'node:fs/promises'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Adapter } from '../../../src/node/dap/adapter.ts'
import { type StartedCommand, startCommand } from './editor.ts'
import { createGameFolder, POISON, poisonGame } from './poison-game.ts'
import { beginInCode, goInCode, stopInCode } from './vscode.ts'

let folder: string
let started: StartedCommand
beforeAll(async () => {
  folder = await createGameFolder({ 'game.mjs': poisonGame(JSON.stringify(POISON)) })
  started = startCommand(folder)
})
afterAll(async () => {
  started.stop()
  await rm(folder, { recursive: true })
})

describe('an adapter', () => {
  it('ends if what it reads is no message, and answers nothing after it', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()]
    await new Promise<void>((resolve) => {
      new Adapter(folder, resolve).start(input, output)
      const message = JSON.stringify({ seq: 1, type: 'request', command: 'initialize' })
      input.write(`Content-Length: 5\r\n\r\nhelloContent-Length: ${message.length}\r\n\r\n${message}`)
    })
    expect(output.read()).toBe(null)
  })

  it('ends if the connection breaks', async () => {
    const input = new PassThrough()
    await new Promise<void>((resolve) => {
      new Adapter(folder, resolve).start(input, new PassThrough())
      input.destroy(new Error('read ECONNRESET'))
    })
  })
})

describe('bitscript dap', () => {
  it('answers VS Code, which launches a simulation and goes both ways', async () => {
    const { editor } = started
    await expect(editor.ask('threads')).rejects.toThrow('nothing is debugged')
    await expect(editor.ask('launch', { ticks: 5 })).rejects.toThrow('launch needs a recording or a simulation')
    await expect(editor.ask('attach', {})).rejects.toThrow('attach: url is missing')
    await beginInCode(editor, { request: 'launch', configuration: { simulation: 'game.mjs', ticks: 20 } })
    expect(await stopInCode(editor)).toMatchObject({
      stopped: { reason: 'entry' },
      frames: [{ name: 'poison.update', line: 7 }, { name: 'tick 1' }],
    })
    expect(editor.printed()).toMatch(/^loaded\n20 ticks played, 1 fault\./)

    // A script that was loaded from a text has no file: the editor asks for it.
    const { sources } = await editor.ask<{ sources: { name: string; sourceReference: number }[] }>('loadedSources')
    const [source] = sources
    expect(source).toMatchObject({ name: 'poison.wat', sourceReference: 1 })
    expect(await editor.ask('source', { source, sourceReference: 1 })).toMatchObject({ content: expect.stringContaining('$hurt') })
    const lines = [
      { line: 4, condition: 'who == 2' },
      { line: 5, condition: 'Health.points[who] == 1' },
      { line: 8, logMessage: 'points {Health.points}' },
      { line: 5, condition: 'nobody > 1' },
    ]
    expect(await editor.ask('setBreakpoints', { source, breakpoints: lines })).toMatchObject({
      breakpoints: [
        { verified: true, line: 5 },
        { verified: true, line: 5 },
        { verified: true, line: 8 },
        { verified: false, message: expect.stringContaining("there is no local 'nobody' on this line; there are who, damage") },
      ],
    })
    const stop = await goInCode(editor, 'continue')
    expect(stop).toMatchObject({
      stopped: { reason: 'breakpoint', hitBreakpointIds: [expect.any(Number)] },
      frames: [{ name: 'poison.hurt', line: 5 }, { name: 'poison.update', line: 8 }, { name: 'tick 3' }],
      scopes: { Locals: { damage: '1' }, 'Entity 1': { Health: '{ points: 1 }' } },
    })
    expect(editor.printed()).toContain('tick 1: points 3\ntick 2: points 2\ntick 3: points 1\n')
    expect(await editor.ask('evaluate', { expression: 'Health.points - damage', frameId: 1, context: 'hover' })).toMatchObject({
      result: '0',
    })
    expect((await goInCode(editor, 'stepOut')).frames).toMatchObject([{ name: 'poison.update', line: 7 }, { name: 'tick 4' }])
    // There is a breakpoint on the way.
    expect((await goInCode(editor, 'stepBack')).frames).toMatchObject([{ name: 'poison.hurt', line: 5 }, {}, {}])
    expect((await goInCode(editor, 'stepBack')).frames).toMatchObject([{ name: 'poison.update', line: 8 }, { name: 'tick 3' }])
    expect((await goInCode(editor, 'stepIn')).frames[0]).toMatchObject({ name: 'poison.hurt' })

    // Who set the points to -1?
    // Neovim does not wait for the response before it continues.
    const cleared = editor.ask('setBreakpoints', { source, breakpoints: [] })
    const fault = await goInCode(editor, 'continue')
    await cleared
    expect(fault).toMatchObject({ stopped: { reason: 'exception' }, frames: [{ name: 'poison.update', line: 7 }, { name: 'tick 7' }] })
    expect(await editor.ask('exceptionInfo', { threadId: 1 })).toMatchObject({
      ...{ exceptionId: 'Trap', breakMode: 'always' },
      details: { stackTrace: '    at update (poison.wat:7:74)' },
    })
    const { scopes } = await editor.ask<{ scopes: { name: string; variablesReference: number }[] }>('scopes', { frameId: 1 })
    const entity = scopes.find(({ name }) => name === 'Entity 1')?.variablesReference
    const { variables } = await editor.ask<{ variables: { variablesReference: number }[] }>('variables', { variablesReference: entity })
    const info = { name: 'points', variablesReference: variables[0]?.variablesReference }
    expect(await editor.ask('dataBreakpointInfo', info)).toMatchObject({ dataId: 'Health.points[1]' })
    expect(await editor.ask('dataBreakpointInfo', { name: 'damage' })).toMatchObject({ dataId: null })
    await editor.ask('setDataBreakpoints', { breakpoints: [{ dataId: 'Health.points[1]', accessType: 'write', condition: 'value == -1' }] })
    expect(await goInCode(editor, 'reverseContinue')).toMatchObject({
      stopped: { reason: 'data breakpoint', description: 'poison wrote Health.points[1]: 0 → -1, tick 4' },
      frames: [{ name: 'poison.hurt', line: 5 }, { line: 8 }, {}],
      scopes: { Write: { 'Health.points[1]': '0 → -1 by poison' } },
    })
    const repl = (expression: string) => editor.ask<{ result: string }>('evaluate', { expression, context: 'repl' })
    expect((await repl('who Health.points[1]')).result).toMatch(/^tick 4: poison 0 → -1\n {4}at hurt \(/)
    await editor.ask('setDataBreakpoints', { breakpoints: [] })
    expect(await repl('watch Health.points[1] if old == 2')).toMatchObject({
      result: expect.stringContaining('stop at writes with old == 2'),
    })
    expect((await goInCode(editor, 'reverseContinue')).stopped).toMatchObject({
      description: 'poison wrote Health.points[1]: 2 → 1, tick 2',
    })
    await expect(repl('watch Health.points[1] if damage == 1')).rejects.toThrow("and no 'damage'")
    expect([await repl('unwatch Health.points[1]'), await repl('unwatch')]).toMatchObject([
      { result: '1 no longer watched' },
      { result: 'nothing was watched' },
    ])
    expect((await repl('?')).result).toBe((await repl('help')).result)
    expect(await repl('tick +2')).toMatchObject({ result: 'tick 4' })
    await stopInCode(editor)
    expect(await repl('tick -2')).toMatchObject({ result: 'tick 2' })
    expect(await stopInCode(editor)).toMatchObject({ stopped: { reason: 'goto' }, frames: [{ line: 7 }, { name: 'tick 2' }] })
    expect((await goInCode(editor, 'reverseContinue')).stopped).toMatchObject({
      reason: 'entry',
      description: 'The start of what is kept, tick 1',
    })
    await editor.ask('disconnect', { restart: false })
    expect(await started.ended).toBe(0)
  })
})
