import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Mods } from 'bitscript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSimulation } from '../../demo/sim/index.ts'
import { createProject, type Finished, finish } from '../fixtures/project.ts'

let folder: string
let remove: () => Promise<void>

beforeAll(async () => {
  ;({ folder, remove } = await createProject())
})
afterAll(() => remove())

const finished = (...args: string[]): Promise<Finished> => finish(folder, ...args)

describe('with the mods of the demo', () => {
  it('bitscript run loads them into a simulation, records the run, and replays it with them', async () => {
    const run = await finished('run', 'demo/sim', '--mods', 'demo/mods', '--ticks', '60', '--seed', '7', '--json', '--record', 'mods.rec')
    expect(run.code, run.output).toBe(0)
    const { scripts, faults, hash } = JSON.parse(run.output) as { scripts: { name: string }[]; faults: unknown[]; hash: string }
    expect(faults).toEqual([])
    expect(scripts.map(({ name }) => name)).toEqual(expect.arrayContaining(['bounty', 'medic', 'pulse', 'terrain', 'wind']))
    const without = await finished('run', 'demo/sim', '--ticks', '60', '--seed', '7', '--json')
    expect(JSON.parse(without.output).hash).not.toBe(hash)
    expect(await finished('replay', 'mods.rec', '--hash')).toEqual({ code: 0, output: `${hash}\n` })
  })

  it('bitscript mods pack makes mods that load from their index, with components prepared', async () => {
    const { code, output } = await finished('mods', 'pack', 'demo/mods', '-o', 'packed-demo')
    expect(code, output).toBe(0)
    expect(await readdir(join(folder, 'packed-demo'))).toContain('wind.component.wasm')
    const game = await createSimulation({ seed: 7 })
    game.runtime.on('log', () => undefined)
    await game.load()
    const mods = new Mods(game.runtime)
    await mods.load(pathToFileURL(join(folder, 'packed-demo/index.json')))
    expect(mods.list().map(({ name }) => name)).toEqual(['bounty', 'medic', 'pulse', 'terrain', 'wind'])
    expect(mods.list().map(({ manifest: { build } }) => build)).toEqual([undefined, undefined, undefined, undefined, undefined])
    game.runtime.dispose()
  })
})
