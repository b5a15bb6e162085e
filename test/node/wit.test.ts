import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createRelation, createWorld } from 'bitecs'
import { defineComponents, describeGame, EXPORTS, WasmScriptRuntime } from 'bitscript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GAME_INTERFACES } from '../../src/guest/component/game-interfaces.ts'
import { ROLES } from '../../src/guest/component/roles.ts'
import { snakeCase } from '../../src/guest/component/wit-names.ts'
import { gameWit } from '../../src/node/game-wit.ts'
import { component } from '../fixtures/component.ts'
import { bitscript, createProject } from '../fixtures/project.ts'
import { FIXED_WIT, importingAll, interfacesOf, type WitInterface } from '../fixtures/wit.ts'

/** A game whose names are hard to write. */
async function createOddGame(): Promise<WasmScriptRuntime> {
  const components = {
    ...defineComponents({
      Position: { x: 'f32', y: 'f64' },
      MaxHealth: { now: 'i8', atMost: 'u8', a_b: 'i16', c: 'u16', d: 'i32', e: 'u32', target: 'eid' },
      List: {},
      Game: { $type: 'f32' },
    }),
    max_health: { left: [] },
    Größe: { x: [] },
    Pair: { aB: [], a_b: [], '2d': [], 'line\nfeed': [] },
    follows: { since: [] },
  }
  const host = {
    audio: { play: () => undefined, stopAll: () => undefined, 'what?': () => undefined },
    'my:audio/sounds': { play: () => undefined },
    '\u202e': { play: () => undefined },
  }
  const relations = { Follows: createRelation({ exclusive: true }), Größer: createRelation() }
  const runtime: unknown = await WasmScriptRuntime.create({ world: createWorld(), components, relations, host })
  return runtime as WasmScriptRuntime
}

const HANDLERS = `(module
  (func (export "on_hit") (param i32 f32))
  (func (export "on_wave_over") (param i64))
  (func (export "on_option"))
  (func (export "on_bigBang") (param i32)))`

/** The lines of a text that say what is missing. */
const missingOf = (text: string): string[] => text.split('\n').filter((line) => /^\/\/ .* is missing/.test(line))

function declared(interfaces: readonly WitInterface[], name: string): string[] {
  return interfaces.filter((each) => each.name === name).flatMap(({ functions }) => [...functions.keys()])
}

describe('the WIT of a game', () => {
  it('declares a component that may import all of it, with the types that scripts have', async () => {
    const runtime = await createOddGame()
    await runtime.loadModule(HANDLERS, { name: 'handlers' })
    const text = gameWit(describeGame(runtime), FIXED_WIT)
    const interfaces = interfacesOf(text)
    expect(declared(interfaces, 'game:ecs/max-health')).toEqual([
      'has',
      'add',
      'remove',
      ...['now', 'at-most', 'a-b', 'c', 'd', 'e', 'target'].flatMap((name) => [`get-${name}`, `set-${name}`]),
    ])
    // A component and a relation share an interface.
    expect(declared(interfaces, 'game:ecs/follows')).toEqual([
      'has',
      'add',
      'remove',
      'get-since',
      'set-since',
      'target',
      'relate',
      'unrelate',
    ])
    expect(declared(interfaces, 'game:script/events')).toEqual(['hit', 'option', 'wave-over'])
    const bytes = await component('include game-world; export update: func(entity: u32, dt: f32);', importingAll(interfaces), text)
    const { imports } = await runtime.checkModule(bytes)
    expect(imports.length).toBe(interfaces.reduce((sum, { functions }) => sum + functions.size, 0))
    expect(imports).toContainEqual({ module: 'game:ecs/max-health', name: 'get-now', type: 'func(entity: u32) -> s8' })
    runtime.dispose()
  })

  it('says what WIT cannot have, and names the functions of the game', async () => {
    const runtime = await createOddGame()
    await runtime.loadModule(HANDLERS, { name: 'handlers' })
    await runtime.loadModule('(module (func (export "on_option") (param f64)) (func (export "on_hit") (param f32)))', { name: 'others' })
    const text = gameWit(describeGame(runtime), FIXED_WIT)
    expect(missingOf(text)).toEqual([
      '// The component max_health is missing: WIT writes its name as that of the component MaxHealth.',
      '// The component Größe is missing: WIT cannot write its name.',
      '// The field Pair.a_b is missing: WIT writes its name as that of the field Pair.aB.',
      '// The field Pair.2d is missing: WIT cannot write its name.',
      '// The field Pair.line\\nfeed is missing: WIT cannot write its name.',
      '// The relation Größer is missing: WIT cannot write its name.',
      '// The event bigBang is missing: WIT cannot write its name.',
      '// The event hit is missing: its handlers take numbers of different types: (f32), (i32, f32).',
    ])
    expect(text).toContain(
      '//   import audio: interface { play: func(value: s32); }\n//\n//   audio: play, stop-all\n//   my:audio/sounds: play\n',
    )
    // One handler of two takes a number, which both are sent.
    expect(text).toContain('    %option: func(value1: f64);\n')
    expect(gameWit(describeGame(runtime), FIXED_WIT)).toBe(text)
    runtime.dispose()
  })

  it('of a game with nothing is one that a component can include', async () => {
    const runtime = await WasmScriptRuntime.create({ world: createWorld() })
    const text = gameWit(describeGame(runtime), FIXED_WIT)
    expect(text).not.toMatch(/game:script {|missing/)
    const bytes = await component('include game; export update: func(entity: u32, dt: f32);', importingAll([]), text)
    await runtime.loadModule(bytes)
    runtime.dispose()
  })
})

describe('wit/bitscript.wit', () => {
  it('declares what components are linked to', () => {
    const found = interfacesOf(FIXED_WIT).map(({ name, functions }) => [name.replace('bitscript:game/', ''), [...functions.keys()].sort()])
    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries(Object.entries(GAME_INTERFACES).map(([name, functions]) => [name, Object.keys(functions).sort()])),
    )
  })

  it('explains the exports that the runtime calls, with types that it takes', () => {
    const [, exports = ''] = FIXED_WIT.split('// Exports that the game calls')
    const explained = [...exports.matchAll(/^\/\/ {3}([\w-]+): (func.*?);/gm)].map(
      ([, name = '', type = '']) => [snakeCase(name), type] as const,
    )
    // Those of jobs take any types.
    const roles = explained.filter(([name]) => name !== 'on_hit' && !name.startsWith('job_'))
    expect(explained.flatMap(([name]) => (name.startsWith('job_') ? [name] : []))).toEqual(
      EXPORTS.flatMap(({ name }) => (name.startsWith('job_') ? [name] : [])),
    )
    expect([...new Set(roles.map(([name]) => name))].sort()).toEqual(Object.keys(ROLES).sort())
    for (const [name, type] of roles) expect(ROLES[name]?.wanted.split(' or ')).toContain(type)
  })
})

describe('bitscript wit', () => {
  let folder: string
  let remove: () => Promise<void>
  beforeAll(async () => {
    ;({ folder, remove } = await createProject())
  })
  afterAll(() => remove())

  it('prints the WIT of a simulation, or writes it to a file', async () => {
    const printing = bitscript(folder, 'wit', 'demo/sim')
    const writing = bitscript(folder, 'wit', 'demo/sim', '-o', 'game.wit')
    expect(await printing.ended, printing.output()).toBe(0)
    expect(await writing.ended, writing.output()).toBe(0)
    expect(writing.output()).toBe('')
    expect(await readFile(join(folder, 'game.wit'), 'utf8')).toBe(printing.output())
    expect(printing.output()).toContain('interface position {\n')
    expect(printing.output()).toContain('    wave: func(value1: s32);\n')
    expect(printing.output().endsWith(FIXED_WIT)).toBe(true)
  })

  it('exits with 2 without a simulation, and with 1 for one that does not exist', async () => {
    expect(await bitscript(folder, 'wit').ended).toBe(2)
    expect(await bitscript(folder, 'wit', 'gone').ended).toBe(1)
  })
})
