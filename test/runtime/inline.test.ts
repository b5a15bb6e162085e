import { addEntity } from 'bitecs'
import { defineComponents, type LoadOptions } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame, errorOf } from '../fixtures/game.ts'
import { HAS_TWO_MEMORIES } from '../fixtures/wasm/memories.ts'

const SCHEMA = { A: { f: 'f32', d: 'f64', b: 'i8', c: 'u8', s: 'i16', t: 'u16', i: 'i32', u: 'u32', e: 'eid' } } as const
const FIELDS = Object.entries(SCHEMA.A).map(([name, type]) => [name, type === 'f32' || type === 'f64' ? type : 'i32'] as const)

/** Doubles and shifts every field of every entity, in every kind of column. */
const EVERY_FIELD = `(module
  ${FIELDS.map(([name, type]) => `(import "ecs.get" "A.${name}" (func $${name} (param i32) (result ${type})))`).join('\n')}
  ${FIELDS.map(([name, type]) => `(import "ecs.set" "A.${name}" (func $set_${name} (param i32 ${type})))`).join('\n')}
  (func (export "update") (param $eid i32) (param f32)
    ${FIELDS.map(([name, type]) => `(call $set_${name} (local.get $eid) (${type}.add (${type}.mul (call $${name} (local.get $eid)) (${type}.const 2)) (${type}.const -77)))`).join('\n')}))`

describe('a script whose accessors are inlined', () => {
  it('reads and writes every kind of column as host functions do, and spends as much fuel', async () => {
    const outcomes = []
    for (const link of ['inline', 'host'] as const) {
      const components = defineComponents(SCHEMA, { capacity: 50, reserve: 0 })
      const { world, runtime } = await createGame({ components })
      const id = await runtime.loadModule(EVERY_FIELD, { link })
      for (let count = 0; count < 40; count++) {
        const entity = addEntity(world, components.A)
        for (const [index, column] of Object.values(components.A).entries())
          column[entity] = (entity * 7919 + index * 104_729) * (index + 0.37)
        runtime.attach(entity, id)
      }
      for (let tick = 0; tick < 20; tick++) runtime.tick(1)
      outcomes.push({ columns: Object.values(components.A).map((column) => [...column]), fuel: runtime.script(id).stats.fuel })
    }
    expect(outcomes[0]).toEqual(outcomes[1])
    expect(outcomes[0]?.columns[1]?.some((value) => value !== 0)).toBe(true)
  })

  it('can refer to an accessor, call it through a table, and export it', async () => {
    const { components, runtime } = await createGame()
    const id = await runtime.loadModule(`(module
      (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
      (table funcref (elem $x)) (export "again" (func $x))
      (func (export "direct") (param i32) (result f32) (call $x (local.get 0)))
      (func (export "table") (param i32) (result f32) (call_indirect (param i32) (result f32) (local.get 0) (i32.const 0))))`)
    components.Position.x[9] = 2.5
    for (const name of ['direct', 'table', 'again']) expect(runtime.call(id, name, 9)).toBe(2.5)
    for (const name of ['direct', 'table', 'again']) expect(await codeOf(() => runtime.call(id, name, 1000))).toBe('EntityOutOfRange')
    expect(runtime.call(id, 'direct', 9)).toBe(2.5)
  })

  it('has another fault than a script that executes unreachable', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(`(module (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
      (func (export "far") (drop (call $x (i32.const 1000)))) (func (export "trap") unreachable))`)
    const far = await errorOf(() => runtime.call(id, 'far'))
    expect(far).toMatchObject({ code: 'EntityOutOfRange', detail: 'the entity 1000 is not below the capacity of 1000' })
    expect(await codeOf(() => runtime.call(id, 'trap'))).toBe('Trap')
  })

  it('cannot address the memory of the columns', async () => {
    const { runtime } = await createGame()
    const x = '(import "ecs.get" "Position.x" (func $x (param i32) (result f32)))'
    const uses = [
      '(drop (i32.load (i32.const 0)))',
      '(i32.store (i32.const 0) (i32.const 1))',
      '(drop (memory.size))',
      '(drop (memory.grow (i32.const 1)))',
    ]
    for (const use of uses) {
      expect(await codeOf(runtime.loadModule(`(module ${x} (func (export "a") ${use}))`))).toBe('InvalidText')
    }
    expect(await codeOf(runtime.loadModule(`(module ${x} (import "bitscript" "memory" (memory 0)) (func (export "a")))`))).toBe(
      'UnknownImport',
    )
    expect(await codeOf(createGame({ host: { bitscript: {} } }))).toBe('InvalidOptions')
    // The assembler refuses a load in a module without a memory, so this is a binary.
    const binary = [
      0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 97, 0, 0, 10, 10, 1, 8, 0, 0x41, 0, 0x28, 2, 0, 0x1a, 0x0b,
    ]
    expect(await codeOf(runtime.loadModule(Uint8Array.from(binary)))).toBe('InvalidBinary')
  })

  it('reads its own memory rather than the columns', async () => {
    const { components, runtime } = await createGame()
    components.Position.x.fill(1)
    const id = await runtime.loadModule(`(module
      (import "ecs.get" "Position.x" (func $x (param i32) (result f32))) (memory 1)
      (func (export "own") (result i32) (i32.load (i32.const 0))) (func (export "x") (result f32) (call $x (i32.const 3))))`)
    expect([runtime.call(id, 'own'), runtime.call(id, 'x')]).toEqual([0, 1])
  })

  it('has its writes rolled back if its init fails', async () => {
    const { components, runtime } = await createGame()
    components.Position.x[5] = 3
    const init = '(func (export "init") (call $set (i32.const 5) (f32.const 9)) unreachable)'
    expect(await codeOf(runtime.loadModule(`(module (import "ecs.set" "Position.x" (func $set (param i32 f32))) ${init})`))).toBe(
      'InitFailed',
    )
    expect(components.Position.x[5]).toBe(3)
  })
})

describe('script(id).link', () => {
  const reads = (names: readonly string[], more = ''): string =>
    `(module ${names.map((name) => `(import "ecs.get" "${name}" (func (param i32) (result f32)))`).join('')} ${more} (func (export "tick") (param f32)))`

  it('tells how a script reaches fields, and why it calls host functions', async () => {
    const shared = defineComponents({ Position: { x: 'f32' } }, { capacity: 10, reserve: 0 })
    const components = { ...shared, Hp: { now: new Float32Array(10) } }
    const { runtime } = await createGame({ components })
    const linkOf = async (text: string, options: LoadOptions = {}) =>
      runtime.script(await runtime.loadModule(text, { link: 'inline', ...options })).link
    expect(await linkOf(reads(['Position.x']))).toMatchObject({ path: 'inline', why: undefined })
    expect(await linkOf(reads([], '(memory 1)'))).toMatchObject({ path: 'inline', why: undefined })
    expect(await linkOf(reads(['Position.x'], '(memory 1)'))).toMatchObject({ path: HAS_TWO_MEMORIES ? 'inline' : 'host' })
    expect(await linkOf(reads(['Position.x', 'Hp.now']))).toMatchObject({
      path: 'inline',
      why: 'host functions reach Hp.now: not in the memory that defineComponents made',
    })
    expect(await linkOf(reads(['Hp.now']))).toMatchObject({ path: 'host' })
    expect(await linkOf(reads(['Position.x']), { link: 'host' })).toMatchObject({ path: 'host', why: "it was loaded with link: 'host'" })
    expect(await linkOf(reads(['Position.x']), { instances: 'entity' })).toMatchObject({
      path: 'host',
      why: "it was loaded with instances: 'entity'",
    })
  })

  it('is undefined while the script loads', async () => {
    const { runtime } = await createGame()
    const loading = runtime.loadModule(reads(['Position.x']), { name: 'slow' })
    expect(runtime.find('slow')?.link).toBeUndefined()
    await loading
    expect(runtime.find('slow')?.link?.path).toMatch(/inline|host/)
  })
})
