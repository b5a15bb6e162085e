import { mkdir, mkdtemp, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createWorld } from 'bitecs'
import { defineComponents, Mods, WasmScriptRuntime } from 'bitscript'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FileOutcome } from '../../src/node/file-outcome.ts'
import { NewMods } from '../../src/node/new-mods.ts'

const TICKS = '(module (func (export "tick") (param f32)))'
let folder: string
let runtime: WasmScriptRuntime
let mods: Mods
let added: NewMods
let built: string[]
let outcomes: string[]

const file = (name: string): string => join(folder, name)
const names = (): string[] => mods.list().map(({ name }) => name)

async function watch(): Promise<void> {
  added = new NewMods(runtime, mods, folder, {
    onOutcome: (outcome) => outcomes.push(shown(outcome)),
    build: async (manifest) => void built.push(manifest),
    wait: () => new Promise((resolve) => setImmediate(resolve)),
  })
  await added.ready
}

async function save(name: string, content: string | object): Promise<void> {
  await mkdir(dirname(file(name)), { recursive: true })
  // As a copy of a whole file appears.
  await writeFile(file(`${name}~`), typeof content === 'string' ? content : JSON.stringify(content))
  await rename(file(`${name}~`), file(name))
}

function shown(outcome: FileOutcome): string {
  const what = outcome.state === 'mistake' ? outcome.error.code : (outcome.script?.name ?? '')
  return `${outcome.state} ${what}`
}

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-new-mods-')))
  runtime = await WasmScriptRuntime.create({ world: createWorld(), components: defineComponents({}) })
  mods = new Mods(runtime)
  built = []
  outcomes = []
})
afterEach(async () => {
  await added.close()
  await rm(folder, { recursive: true })
})

describe('NewMods', () => {
  it('loads a mod that is added, built before, in a folder of its own, too', async () => {
    await watch()
    await save('doors.wat', TICKS)
    await save('doors.script.json', { name: 'doors', version: '1.0.0', source: 'doors.wat' })
    await expect.poll(names).toEqual(['doors'])
    expect(built).toContain(file('doors.script.json'))
    await save('keys/keys.script.json', { name: 'keys', version: '1.0.0', source: { text: TICKS } })
    await expect.poll(() => outcomes).toEqual(['loaded doors', 'loaded keys'])
  })

  it('tries again what has a mistake, lacks its module or what it requires, and reports each mistake once', async () => {
    await watch()
    await save('doors.script.json', { name: 'doors', version: '1', source: 'doors.wat' })
    await expect.poll(() => outcomes).toEqual(['mistake InvalidManifest'])
    await save('other.txt', '')
    await save('doors.script.json', { name: 'doors', version: '1.0.0', source: 'doors.wat', requires: { mods: { keys: '*' } } })
    await expect.poll(() => outcomes.slice(1)).toEqual(['mistake LoadFailed'])
    await save('doors.wat', TICKS)
    await expect.poll(() => outcomes.slice(2)).toEqual(['mistake DependencyUnmet'])
    await save('keys.script.json', { name: 'keys', version: '1.0.0', source: { text: TICKS } })
    await expect.poll(() => outcomes.slice(3)).toEqual(['loaded keys', 'loaded doors'])
    expect(names()).toEqual(['keys', 'doors'])
  })

  it('loads what was added before it watches, and nothing twice', async () => {
    await save('doors.script.json', { name: 'doors', version: '1.0.0', source: { text: TICKS } })
    await mods.load([pathToFileURL(file('doors.script.json'))])
    await save('keys.script.json', { name: 'keys', version: '1.0.0', source: { text: TICKS } })
    await watch()
    await expect.poll(() => outcomes).toEqual(['loaded keys'])
    await added.close()
    expect(outcomes).toEqual(['loaded keys'])
  })
})
