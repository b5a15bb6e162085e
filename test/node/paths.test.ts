import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { check } from '../../src/node/check-command.ts'
import { fileReason } from '../../src/node/file-error.ts'
import { loadMods } from '../../src/node/load-mods.ts'
import { manifestsAt } from '../../src/node/mod-manifests.ts'
import { readMods } from '../../src/node/mod-set.ts'
import { packMods } from '../../src/node/pack-mods.ts'
import { recordTo, replay } from '../../src/node/replay-command.ts'
import { simulationFile } from '../../src/node/simulation.ts'
import { codeOf, createGame, errorOf } from '../fixtures/game.ts'

let folder: string
const at = (path: string): string => join(folder, path)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bitscript-paths-'))
  for (const name of ['mods', 'empty', 'sim']) await mkdir(at(name))
  await writeFile(at('mods/a.script.json'), '{ "name": "a", "version": "1.0.0", "source": "a.wat", "$schema": "../s.json" }')
  await writeFile(at('mods/b.script.json'), '{ "name": "b", "version": "1.0.0", "source": "a.wat", "$schema": "https://a.example/s.json" }')
  await writeFile(at('mods/a.wat'), '(module (func (export "tick") (param f32)))')
  await writeFile(at('mods/index.json'), '{ "mods": ["b.script.json"] }')
  await writeFile(at('sim/index.mjs'), '')
})
afterAll(() => rm(folder, { recursive: true }))

describe('the path of mods', () => {
  const load = async (path: string): Promise<string[]> => {
    const { runtime } = await createGame()
    const mods = await loadMods({ runtime, load: async () => undefined, step: (dt) => runtime.tick(dt) }, at(path))
    return mods.list().map(({ name }) => name)
  }

  it('is that of a folder, of an index, or of one manifest', async () => {
    expect(await load('mods')).toEqual(['a', 'b'])
    expect(await load('mods/index.json')).toEqual(['b'])
    expect(await load('mods/a.script.json')).toEqual(['a'])
  })

  it.each([
    ['nowhere', /there is no file or folder .*nowhere/],
    ['nowhere.script.json', /there is no file or folder .*nowhere\.script\.json/],
    ['empty', /the folder .*empty has no manifests of mods \(name\.script\.json\)/],
    ['mods/a.wat', /a\.wat is neither a folder of mods nor a manifest \(name\.script\.json\)/],
  ])('says what is wrong with %s', async (path, message) => {
    const { code, message: said } = await errorOf(load(path))
    expect([code, said]).toEqual(['LoadFailed', expect.stringMatching(message)])
    expect((await errorOf(readMods(at(path)))).message).toBe(said)
  })

  it('may be that of one manifest to pack, which lies in its own folder; a schema of this machine is left out', async () => {
    const { mods } = await packMods(at('mods/a.script.json'), at('mods/packed'))
    expect([mods.map(({ name }) => name), (await readdir(at('mods/packed'))).sort()]).toEqual([
      ['a'],
      ['a.script.json', 'a.wat', 'index.json'],
    ])
    const packed = await readMods(at('mods/packed/a.script.json'))
    expect(packed[0]?.manifest).not.toHaveProperty('$schema')
    await rm(at('mods/packed'), { recursive: true })
    await packMods(at('mods'), at('packed'))
    const [, b] = await readMods(at('packed'))
    expect(b?.manifest).toMatchObject({ $schema: 'https://a.example/s.json' })
    expect(await codeOf(packMods(at('mods'), at('mods/packed')))).toBe('InvalidOptions')
  })
})

describe('the path of a simulation', () => {
  it('is that of a module, or of a folder with an index', async () => {
    expect(await simulationFile(at('sim'))).toBe(at('sim/index.mjs'))
    expect(await simulationFile(at('sim/index.mjs'))).toBe(at('sim/index.mjs'))
  })

  it.each([
    ['nowhere', /there is no file or folder/],
    ['empty', /has no index\.ts or index\.js/],
    ['mods/a.wat', /a\.wat is no simulation: give a module \(\.js, \.mjs, \.ts, \.mts\) that exports createSimulation/],
    ['mods/a.script.json', /is no simulation/],
  ])('says what is wrong with %s', async (path, message) => {
    const { code, message: said } = await errorOf(simulationFile(at(path)))
    expect([code, said]).toEqual(['LoadFailed', expect.stringMatching(message)])
  })
})

// Nobody can read a folder whose path is too long; root reads all others.
describe.skipIf(process.platform === 'win32')('a folder that cannot be read', () => {
  const half = join(...Array<string>(12).fill('n'.repeat(200)))

  beforeAll(async () => {
    for (const name of ['one', 'empty']) await mkdir(join(at(name), half), { recursive: true })
    await rename(at('one'), join(at('empty'), half, 'one'))
  })
  afterAll(async () => {
    await rename(join(at('empty'), half, 'one'), at('one'))
    for (const name of ['one', 'empty']) await rm(at(name), { recursive: true })
    await mkdir(at('empty'))
  })

  it.each([
    ['check', () => check([at('empty')], { json: true, net: false })],
    ['mods', () => manifestsAt(at('empty'))],
  ])('is named, and what is wrong: %s', async (_, work) => {
    const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    onTestFinished(() => printed.mockRestore())
    const said = await work().then(() => String(printed.mock.calls), String)
    expect(said).toMatch(/n\/n+ cannot be read: its path is too long/)
  })
})

describe('the path of a file to read or to write', () => {
  it('says what is wrong with it', async () => {
    const { runtime } = await createGame()
    const simulation = { runtime, load: async () => undefined, step: (dt: number) => runtime.tick(dt) }
    const record = (path: string): Promise<unknown> => recordTo(at(path), { sim: at('sim') }, simulation)
    const play = (path: string): Promise<unknown> => replay(at(path), { hash: true, trust: false, signal: new AbortController().signal })
    for (const [work, message] of [
      [() => record('empty'), /--record: .*empty cannot be written: it is a folder\. .*InvalidOptions/],
      [() => record('nowhere/a.rec'), /a\.rec cannot be written: there is no such file or folder\. .*InvalidOptions/],
      [() => record('mods/a.wat/a.rec'), /a\.rec cannot be written: its path leads through a file\. .*InvalidOptions/],
      [() => play('empty'), /the recording .*empty cannot be read: it is a folder\. .*LoadFailed/],
      [() => play('nowhere.rec'), /nowhere\.rec cannot be read: there is no such file or folder\. .*LoadFailed/],
      [() => play('mods/a.wat'), /these bytes are not a recording\. .*LoadFailed/],
      [() => packMods(at('mods'), at('sim/index.mjs')), /cannot be written: its path leads through a file\. .*InvalidOptions/],
    ] as const)
      expect((await errorOf(work)).message).toMatch(message)
    expect(fileReason({ code: 'EACCES', message: 'EACCES: permission denied' })).toBe('you have no right to do so')
    expect(fileReason(new Error('the disk is full'))).toBe('the disk is full')
  })
})
