import { readFileSync } from 'node:fs'
import { addEntity } from 'bitecs'
import type { ReloadReport, ScriptId, WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { createGame } from '../../fixtures/game.ts'

type Source = Uint8Array<ArrayBuffer> | string

const counter = (variant: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(readFileSync(new URL(`../../fixtures/wasm/compiled/counter-${variant}.wasm`, import.meta.url)))

/** Loads a script, counts to 100, and reloads it. */
async function reload(before: Source, after: Source): Promise<{ runtime: WasmScriptRuntime; id: ScriptId; report: ReloadReport }> {
  const { runtime } = await createGame()
  const id = await runtime.loadModule(before, { name: 'script', preserve: 'auto' })
  for (let tick = 0; tick < 100; tick++) runtime.tick(1)
  return { runtime, id, report: await runtime.reloadModule(id, after) }
}

describe("preserve: 'auto' and a script in C", () => {
  it('carries the memory over an edit of the code', async () => {
    const { runtime, id, report } = await reload(counter('base'), counter('step'))
    expect(report).toMatchObject({ state: 'preserved', dropped: [], warnings: [] })
    expect(report.carried).toContain('memory, 131072 bytes')
    runtime.tick(1)
    expect(runtime.call(id, 'get_points')).toBe(110)
  })

  it.each([
    ['a longer string', 'string', /data segment 0 is 21 bytes long, where it was 6/],
    ['variables before the score', 'first', /the stack is at another address/],
    // They fit into the gap before the stack: nothing but the addresses in the code shows it.
    ['a single variable before the score', 'small', /only one of the two versions names the address 10\d\d/],
  ])('begins anew with %s, and says why and what to do', async (_, variant, reason) => {
    for (const [before, after] of [
      ['base', variant],
      [variant, 'base'],
    ] as const) {
      const { runtime, id, report } = await reload(counter(before), counter(after))
      expect(report).toMatchObject({ state: 'reset', carried: [] })
      if (before === 'base') expect(report.dropped[0]).toMatch(reason)
      expect(report.warnings).toEqual([
        `${report.dropped[0]}, so the state began anew. A module that exports state and state_size keeps it over any edit`,
      ])
      expect(runtime.call(id, 'get_points')).toBe(0)
    }
  })

  it('begins anew if names were stripped, since its globals cannot be told apart', async () => {
    const { report } = await reload(counter('stripped'), counter('stripped'))
    expect(report).toMatchObject({ state: 'reset', carried: [] })
    expect(report.dropped[0]).toContain('a global without a name may hold an address')
  })

  it.each(['wanderer-rust', 'wanderer-as', 'text-rust'])('and a module of another compiler: %s', async (name) => {
    const bytes = Uint8Array.from(readFileSync(new URL(`../../fixtures/wasm/compiled/${name}.wasm`, import.meta.url)))
    const { report } = await reload(bytes, bytes)
    expect(report.state).toBe(name === 'wanderer-as' ? 'reset' : 'preserved')
  })
})

/** A custom section with a name, behind a module. */
const withSection = (module: Uint8Array, name: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.of(...module, 0, name.length + 1, name.length, ...new TextEncoder().encode(name))

/** A module as a linker lays it out: what its parts are shows in the options. */
const linked = ({
  data = '"hello"',
  stack = 66_560,
  end = 1040,
  step = 1,
  place = 1032,
  names = true,
  table = '$f $g',
  more = '',
} = {}): string => {
  const global = (name: string): string => (names ? `$${name}` : `(export "${name}")`)
  return `(module (memory (export "memory") 2) (data (i32.const 1024) ${data})
    (global ${global('__stack_pointer')} (mut i32) (i32.const ${stack})) (global ${global('__data_end')} i32 (i32.const ${end}))
    (table 2 funcref) (elem (i32.const 0) ${table}) (func $f) (func $g)
    (func (export "tick") (param f32) (i32.store (i32.const ${place}) (i32.add (i32.load (i32.const ${place})) (i32.const ${step}))))
    (func (export "score") (result i32) (i32.load (i32.const ${place}))) ${more})`
}

describe("preserve: 'auto' and a memory that a linker laid out", () => {
  it('carries it over if nothing shows that anything moved', async () => {
    for (const names of [true, false]) {
      const { runtime, id, report } = await reload(linked({ names }), linked({ names, step: 5, data: '"hallo"', more: '(func $h)' }))
      expect(report).toMatchObject({ state: 'preserved', dropped: [], warnings: [] })
      runtime.tick(1)
      expect(runtime.call(id, 'score')).toBe(105)
    }
  })

  it.each([
    ['a data segment grew', { data: '"hello!"' }, 'data segment 0 is 6 bytes long, where it was 5'],
    ['a data segment was added', { more: '(data (i32.const 1030) "x")' }, 'it has 2 data segments, where it had 1'],
    ['the stack moved', { stack: 66_576 }, 'the stack is at another address'],
    ['the data ends elsewhere', { end: 1056 }, "'__data_end' is at another address"],
    ['a variable moved', { place: 1036 }, 'only one of the two versions names the address 1036, so variables may have moved'],
    ['the table changed', { table: '$g $f' }, 'its table holds other functions'],
    ['the table holds functions of other places only', { more: '(func $h)' }, undefined],
  ])('begins anew if %s', async (_, change, reason) => {
    const { runtime, id, report } = await reload(linked(), linked(change))
    expect(report.dropped).toEqual(reason === undefined ? [] : [`memory: ${reason}`])
    expect([report.state, runtime.call(id, 'score')]).toEqual(reason === undefined ? ['preserved', 100] : ['reset', 0])
  })

  it('carries no global without the memory, since it may be an address in it', async () => {
    const more =
      '(global $kept (mut i32) (i32.const 0)) (func (export "init") (global.set $kept (i32.const 7))) (func (export "kept") (result i32) (global.get $kept))'
    const { runtime, id, report } = await reload(linked({ more }), linked({ more, end: 1056 }))
    expect([report.state, report.carried, runtime.call(id, 'kept')]).toEqual(['reset', [], 7])
  })

  it.each(['producers', 'target_features', 'linking'])('is told by the section %s, too', async (name) => {
    const plain = (data: string): string =>
      `(module (memory (export "memory") 1) (data (i32.const 64) "${data}") (func $f (export "tick") (param f32) (i32.store (i32.const 80) (i32.const 9)))
        (func (export "at") (result i32) (i32.load (i32.const 80))))`
    const made = async (data: string): Promise<Uint8Array<ArrayBuffer>> => withSection(await assembleWat(plain(data), 'made.wat'), name)
    const { runtime, id, report } = await reload(await made('ab'), await made('abc'))
    expect([report.state, runtime.call(id, 'at')]).toEqual(['reset', 0])
    // A person who writes text keeps the places in hand.
    const written = await reload(plain('ab'), plain('abc'))
    expect([written.report.state, written.runtime.call(written.id, 'at')]).toEqual(['preserved', 9])
  })
})

it('what can be carried is found once for all instances of a script', async () => {
  const { world, runtime } = await createGame()
  const script = (step: number): string => `(module (memory 1) (data (i32.const 65000) "edited ${step}")
    (func (export "update") (param i32 f32) (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const ${step})))))`
  const id = await runtime.loadModule(script(1), { instances: 'entity', preserve: 'auto' })
  for (let count = 0; count < 100; count++) runtime.attach(addEntity(world), id)
  runtime.tick(1)
  const report = await runtime.reloadModule(id, script(2))
  expect(report).toMatchObject({ state: 'preserved', carried: ['memory, 65536 bytes'] })
})
