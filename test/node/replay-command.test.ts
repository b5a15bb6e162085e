import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProject, type Finished, finish } from '../fixtures/project.ts'

const SIM = 'demo/sim/index.ts'
let folder: string
let remove: () => Promise<void>

beforeAll(async () => {
  ;({ folder, remove } = await createProject())
})
afterAll(() => remove())

const finished = (...args: string[]): Promise<Finished> => finish(folder, ...args)

describe('bitscript replay', () => {
  it('reproduces the recorded world, and shows where the world of edited scripts differs', async () => {
    const recorded = await finished('run', SIM, '--ticks', '60', '--seed', '7', '--record', 'game.rec')
    const hash = /world hash ([0-9a-f]{16})/.exec(recorded.output)?.[1] as string
    expect(recorded.output).toContain('60 ticks recorded: bitscript replay game.rec')
    const whole = await finished('replay', 'game.rec')
    expect(whole).toEqual({ code: 0, output: expect.stringContaining(`60 of 60 ticks replayed, world hash ${hash}`) })
    expect(whole.output).toContain('✓ the world is the same as in the recording')
    const half = JSON.parse((await finished('run', SIM, '--ticks', '30', '--seed', '7', '--json')).output) as { hash: string }
    expect(await finished('replay', 'game.rec', '--until', '30', '--hash')).toEqual({ code: 0, output: `${half.hash}\n` })
    const file = join(folder, 'scripts-wat/player.wat')
    const text = await readFile(file, 'utf8')
    const edited = text.replace('(global $speed f32 (f32.const ', '(global $speed f32 (f32.const 1')
    expect(edited).not.toBe(text)
    await writeFile(file, edited)
    const other = await finished('replay', 'game.rec')
    await writeFile(file, text)
    expect(other.code).toBe(1)
    expect(other.output).toContain('! player: its code differs from the recording')
    expect(other.output).toMatch(
      /✗ the worlds first differ after tick \d+: entity \d+: \w+\.\w is [-\d.]+, but was [-\d.]+ in the recording/,
    )
  })

  it('gives scripts that the recording loads no more than the scripts of the simulation have, unless --trust says so', async () => {
    const game = `import { createWorld } from 'bitecs'
      import { defineComponents, WasmScriptRuntime } from 'bitscript'
      export const createSimulation = async ({ seed }) => {
        const runtime = await WasmScriptRuntime.create({ world: createWorld(), components: defineComponents({ A: { x: 'f32' } }), seed })
        const load = async () => {
          await runtime.loadModule('(module (func (export "tick") (param f32)))', { name: 'own', grant: {} })
          runtime.spawn({ A: {} })
        }
        return { runtime, load, step: (dt) => runtime.tick(dt) }
      }`
    const writes = `(module (import "ecs.set" "A.x" (func $set (param i32 f32)))
      (func (export "tick") (param f32) (call $set (i32.const 2) (f32.const 5))))`
    await writeFile(join(folder, 'narrow.mjs'), game)
    const record = `import { writeFile } from 'node:fs/promises'
      import { Recorder } from 'bitscript'
      import { createSimulation } from './narrow.mjs'
      const { runtime, load } = await createSimulation({ seed: 0 })
      await load()
      const recorder = new Recorder(runtime, { sim: 'narrow.mjs' })
      await runtime.loadModule(${JSON.stringify(writes)}, { name: 'late' })
      runtime.tick(1)
      await writeFile('late.rec', recorder.stop().toBytes())`
    await writeFile(join(folder, 'record.mjs'), record)
    await promisify(execFile)(process.execPath, ['record.mjs'], { cwd: folder })
    expect(await finished('replay', 'late.rec')).toEqual({
      code: 1,
      output: expect.stringContaining('begin to differ between tick 0 and tick 1'),
    })
    expect(await finished('replay', 'late.rec', '--trust')).toEqual({ code: 0, output: expect.stringContaining('✓ the world is the same') })
  })

  it('reports a file that is not a recording, or does not exist', async () => {
    expect(await finished('replay', 'gone.rec')).toMatchObject({
      code: 1,
      output: expect.stringContaining('the recording gone.rec cannot be read'),
    })
    await writeFile(join(folder, 'foreign.rec'), 'a text')
    const unwritable = await finished('run', SIM, '--ticks', '1', '--record', 'gone/x.rec')
    expect(unwritable.code).toBe(1)
    expect(unwritable.output).toMatch(
      /InvalidOptions\n {2}--record: gone\/x\.rec cannot be written: there is no such file or folder\. Correct the call, or the option that is named\./,
    )
    expect(await finished('replay', 'foreign.rec')).toMatchObject({
      code: 1,
      output: expect.stringContaining('these bytes are not a recording'),
    })
  })
})
