import { readFileSync } from 'node:fs'
import { addEntity, getComponent } from 'bitecs'
import { ScriptState, Snapshot } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame } from '../../fixtures/game.ts'

const counter = (variant: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(readFileSync(new URL(`../../fixtures/wasm/compiled/counter-${variant}.wasm`, import.meta.url)))

interface Shape {
  readonly place?: number
  readonly size?: number
  readonly version?: number
  readonly step?: number
  readonly more?: string
}

/** A script that counts ticks in a block of state. */
const script = ({ place = 64, size = 8, version, step = 1, more = '' }: Shape = {}): string => {
  const metadata = `{\\"name\\":\\"a\\",\\"version\\":\\"1\\",\\"state_version\\":${version}}`
  const named = `(data (i32.const 512) "${metadata}") (func (export "get_metadata") (result i32 i32) (i32.const 512) (i32.const ${metadata.replaceAll('\\', '').length}))`
  return `(module (memory (export "memory") 1) (global (export "state") i32 (i32.const ${place})) (func (export "state_size") (result i32) (i32.const ${size}))
    (func (export "tick") (param f32) (i32.store (i32.const ${place}) (i32.add (i32.load (i32.const ${place})) (i32.const ${step}))))
    (func (export "init") (i32.store (i32.const ${place}) (i32.const 1000)))
    (func (export "n") (result i32) (i32.load (i32.const ${place}))) ${version === undefined ? '' : named} ${more})`
}

describe('a script that exports state and state_size', () => {
  it('has that block carried as bytes, wherever the new code has it, and without init', async () => {
    const { world, runtime } = await createGame()
    const id = await runtime.loadModule(script())
    for (let tick = 0; tick < 3; tick++) runtime.tick(1)
    expect(runtime.call(id, 'n')).toBe(1003)
    const report = await runtime.reloadModule(id, script({ place: 4096, step: 10 }))
    expect(report).toMatchObject({ state: 'restored', carried: ['state, 8 bytes'], dropped: [], ran: [], warnings: [] })
    runtime.tick(1)
    expect(runtime.call(id, 'n')).toBe(1013)
    // It is saved where other states are.
    expect(getComponent(world, runtime.script(id).entity, ScriptState)).toMatchObject({
      state: Uint8Array.of(235, 3, 0, 0, 0, 0, 0, 0),
      generation: 1,
    })
    expect(runtime.readState(id)).toEqual(Uint8Array.of(245, 3, 0, 0, 0, 0, 0, 0))
  })

  it.each([
    ['block', 'block-first'],
    ['block-first', 'block'],
  ])('in C: from %s to %s', async (before, after) => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(counter(before), { preserve: 'auto' })
    for (let tick = 0; tick < 100; tick++) runtime.tick(1)
    expect(await runtime.reloadModule(id, counter(after))).toMatchObject({ state: 'restored', carried: ['state, 4 bytes'] })
    runtime.tick(1)
    expect(runtime.call(id, 'get_points')).toBe(101)
  })

  it.each([
    ['the size', {}, { size: 12 }, 'it has 8 bytes, and that of the new code 12'],
    ['the version', { version: 1 }, { version: 2 }, 'it is of state_version 1, and the new code of 2'],
  ])('begins anew if %s differs, and says so', async (_, before, after, why) => {
    for (const preserve of ['none', 'auto'] as const) {
      const { runtime } = await createGame()
      const id = await runtime.loadModule(script(before), { preserve })
      runtime.tick(1)
      const report = await runtime.reloadModule(id, script(after))
      expect(report).toMatchObject({ state: 'reset', carried: [], dropped: [`state: ${why}`], ran: ['init'] })
      expect(report.warnings).toEqual([`the state began anew, because ${why}; a module that exports migrate_state can convert it`])
      expect(runtime.call(id, 'n')).toBe(1000)
    }
  })

  it('has it converted by migrate_state if it exports that', async () => {
    const { runtime } = await createGame()
    const migrate = (body: string): string =>
      `(func (export "migrate_state") (param $version i32) (param $at i32) (param $length i32) ${body})`
    const adding = migrate(
      '(i32.store (i32.const 64) (i32.add (i32.load (local.get $at)) (i32.add (i32.mul (local.get $version) (i32.const 10000)) (local.get $length))))',
    )
    const id = await runtime.loadModule(script({ version: 3 }))
    runtime.tick(1)
    const report = await runtime.reloadModule(id, script({ version: 4, size: 12, more: adding }))
    expect(report).toMatchObject({ state: 'restored', carried: [], dropped: [], warnings: [] })
    expect(runtime.call(id, 'n')).toBe(1001 + 30_000 + 8)
    expect(await codeOf(runtime.reloadModule(id, script({ version: 5, size: 12, more: migrate('unreachable') })))).toBe('StateRejected')
    expect(runtime.script(id).generation).toBe(2)
    // With the same version and size it is not asked.
    expect(await runtime.reloadModule(id, script({ version: 4, size: 12, more: migrate('unreachable') }))).toMatchObject({
      state: 'restored',
    })
  })

  it('in C: a field more, without and with migrate_state', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(counter('block'))
    for (let tick = 0; tick < 7; tick++) runtime.tick(1)
    expect(await runtime.reloadModule(id, counter('block-migrating'))).toMatchObject({ state: 'restored' })
    expect([runtime.call(id, 'get_points'), runtime.call(id, 'get_best')]).toEqual([7, 704])
    await runtime.reloadModule(id, counter('block'))
    expect(await runtime.reloadModule(id, counter('block-longer'))).toMatchObject({ state: 'reset' })
  })

  it('has one for each entity with instances of entities', async () => {
    const { world, components, runtime } = await createGame()
    const each = (
      place: number,
    ): string => `(module (import "ecs.set" "Health.points" (func $set (param i32 i32))) (memory (export "memory") 1)
      (func (export "state") (result i32) (i32.const ${place})) (func (export "state_size") (result i32) (i32.const 4))
      (func (export "update") (param i32 f32) (i32.store (i32.const ${place}) (i32.add (i32.load (i32.const ${place})) (i32.const 1)))
        (call $set (local.get 0) (i32.load (i32.const ${place})))))`
    const id = await runtime.loadModule(each(64), { instances: 'entity' })
    const [one, two] = [addEntity(world), addEntity(world)]
    runtime.attach(one, id)
    runtime.tick(1)
    runtime.attach(two, id)
    runtime.tick(1)
    expect(await runtime.reloadModule(id, each(128))).toMatchObject({ state: 'restored' })
    runtime.tick(1)
    expect([one, two].map((entity) => components.Health.points[entity])).toEqual([3, 2])
  })

  it('gets it from a snapshot of earlier code, also as bytes', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(script(), { name: 'script' })
    runtime.tick(1)
    const saved = runtime.snapshot()
    const bytes = saved.toBytes()
    await runtime.reloadModule(id, script({ place: 4096 }))
    for (const snapshot of [saved, Snapshot.fromBytes(bytes)]) {
      runtime.tick(1)
      expect(runtime.restore(snapshot).scripts).toMatchObject([{ state: 'converted' }])
      expect(runtime.call(id, 'n')).toBe(1001)
    }
    await runtime.reloadModule(id, script({ size: 4 }))
    expect(runtime.restore(saved).scripts).toMatchObject([{ state: 'kept', detail: expect.stringContaining('it has 8 bytes') }])
  })

  it('keeps its code if a block lies outside its memory', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(script())
    expect(await codeOf(runtime.reloadModule(id, script({ place: 65_533 })))).toMatch(/InvalidPointer|StateRejected/)
    expect(runtime.script(id).generation).toBe(1)
  })

  it.each([
    ['another type', '(module (func (export "state") (result f32) (f32.const 0)) (memory (export "memory") 1))', 'SignatureMismatch'],
    [
      'a global of another type',
      '(module (func (export "tick") (param f32)) (global (export "state_size") i64 (i64.const 0)))',
      'SignatureMismatch',
    ],
    ['another kind', '(module (func (export "tick") (param f32)) (memory (export "state") 1))', 'SignatureMismatch'],
    [
      'no memory',
      '(module (func (export "tick") (param f32)) (global (export "state") i32 (i32.const 0)) (global (export "state_size") i32 (i32.const 0)))',
      'MissingExport',
    ],
  ])('is refused with %s', async (_, text, code) => {
    const { runtime } = await createGame()
    expect(await codeOf(runtime.loadModule(text))).toBe(code)
  })

  it('is warned if one of the two is missing', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule('(module (func (export "tick") (param f32)) (global (export "state_size") i32 (i32.const 0)))')
    expect(runtime.script(id).warnings).toEqual([
      "export 'state_size' has no effect: the state is carried if state and state_size are both exported",
    ])
  })
})
