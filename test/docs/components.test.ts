import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createWorld } from 'bitecs'
import { WasmScriptRuntime } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { ALLOCATOR, component } from '../fixtures/component.ts'
import { bitscript, createProject } from '../fixtures/project.ts'

const run = promisify(execFile)
const page = readFileSync(new URL('../../docs/guests.md', import.meta.url), 'utf8')

it('the component in twenty lines of docs/guests.md runs as it says', async () => {
  const section = page.split(/^### /m).find((part) => part.startsWith('A component in twenty lines\n')) ?? ''
  const [game = '', make = ''] = [...section.matchAll(/^```js\n([\s\S]*?)^```/gm)].map(([, code]) => code)
  const [wit, play] = [...section.matchAll(/`npx bitscript ([^`]*)`/g)].map(([, line]) => line?.split(' ') ?? [])
  const { folder, remove } = await createProject(['bitecs', '@bytecodealliance'])
  await writeFile(join(folder, 'game.js'), game)
  await writeFile(join(folder, 'make.js'), make)
  const describing = bitscript(folder, ...(wit ?? []))
  expect(await describing.ended, describing.output()).toBe(0)
  expect(describing.output()).toMatch(/LoadFailed\n.*mover\.wasm/)
  await run(process.execPath, ['make.js'], { cwd: folder })
  const running = bitscript(folder, ...(play ?? []))
  expect(await running.ended, running.output()).toBe(0)
  expect(running.output()).toContain(`\n${/prints `(.*?)`/.exec(section)?.[1]}\n`)
  await remove()
})

describe('values of components', () => {
  const WORLD = `import api: interface {
      record max-health { at-most: u8, left: f32 }
      flags sides { left, right-side }
      variant shape { dot, circle(f32) }
      enum color { red, dark-blue }
      take: func(a: max-health, b: sides, c: shape, d: color, e: option<u32>, f: char, g: s64) -> u8;
      may-fail: func(x: u32) -> result<u32, string>;
      wrong: func() -> u32;
    }
    export take: func() -> u8;
    export may-fail: func(x: u32) -> result<u32, string>;
    export wrong: func() -> u32;
    export bytes: func(bytes: list<u8>) -> list<u8>;
    export difference: func(first: s32, second: s32) -> s32;
    export no: func(value: bool) -> bool;
    export big: func(value: u64) -> u64;`
  const CORE = `(module
    (import "api" "take" (func $take (param i32 f32 i32 i32 f32 i32 i32 i32 i32 i64) (result i32)))
    (import "api" "may-fail" (func $may_fail (param i32 i32)))
    (import "api" "wrong" (func $wrong (result i32)))
    ${ALLOCATOR}
    (func (export "take") (result i32)
      (call $take (i32.const 7) (f32.const 1.5) (i32.const 2) (i32.const 1) (f32.const 2.5) (i32.const 1) (i32.const 0) (i32.const 9) (i32.const 228) (i64.const -3)))
    (func (export "may-fail") (param i32) (result i32) (call $may_fail (local.get 0) (i32.const 64)) (i32.const 64))
    (func (export "wrong") (result i32) (call $wrong))
    (func (export "bytes") (param i32 i32) (result i32)
      (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1)) (i32.const 16))
    (func (export "difference") (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1)))
    (func (export "no") (param i32) (result i32) (i32.eqz (local.get 0)))
    (func (export "big") (param i64) (result i64) (local.get 0)))`

  it('are in JavaScript what docs/guests.md says', async () => {
    const taken: unknown[] = []
    const api = {
      take: (_: unknown, ...values: unknown[]) => taken.push(...values),
      mayFail: (_: unknown, x: number) => (x > 1 ? { tag: 'err', val: 'too much' } : x * 10),
      wrong: () => 'text',
    }
    const runtime = await WasmScriptRuntime.create({ world: createWorld(), host: { api } })
    const id = await runtime.loadModule(await component(WORLD, CORE))
    expect(runtime.call(id, 'take')).toBe(7)
    expect(taken).toEqual([
      { atMost: 7, left: 1.5 },
      { left: false, rightSide: true },
      { tag: 'circle', val: 2.5 },
      'dark-blue',
      undefined,
      'ä',
      -3n,
    ])
    expect(runtime.callJson(id, 'may-fail', 1)).toBe(10)
    expect(() => runtime.callJson(id, 'may_fail', 2)).toThrow(expect.objectContaining({ code: 'GuestError', detail: 'too much' }))
    expect(() => runtime.call(id, 'wrong')).toThrow(expect.objectContaining({ code: 'HostError' }))
    expect(runtime.callBytes(id, 'bytes', new Uint8Array([1, 2]))).toEqual(new Uint8Array([1, 2]))
    expect(runtime.callJson(id, 'bytes', [1, 2])).toEqual([1, 2])
    expect(runtime.callJson(id, 'difference', [4, 1])).toBe(3)
    expect(runtime.callJson(id, 'difference', { second: 1, first: 4 })).toBe(3)
    expect(() => runtime.callJson(id, 'difference', ['4', 1])).toThrow("'first' of 'difference' must be a number of the type s32")
    expect([runtime.call(id, 'no', 0), runtime.callJson(id, 'no', true)]).toEqual([1, false])
    expect([runtime.call(id, 'big', 5), runtime.callJson(id, 'big', 5)]).toEqual([5n, 5])
    runtime.dispose()
  })
})
