import { addEntity } from 'bitecs'
import { describe, expect, it } from 'vitest'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { codeOf, createGame, errorOf } from '../../fixtures/game.ts'

/** Returns a module that imports one function and exports another. */
const importing = (module: string, name: string, type: string): string =>
  `(module (import "${module}" "${name}" (func ${type})) (memory (export "memory") 1) (func (export "a")))`

describe('an import', () => {
  it.each([
    ['ecs.get', 'Positon.x', '(param i32) (result f32)', "did you mean 'Position.x'"],
    ['ecs.get', 'Position.z', '(param i32) (result f32)', "did you mean 'Position.x'"],
    ['ecs.get', 'Position', '(param i32) (result f32)', 'Position'],
    ['ecs.get', 'Position.x.y', '(param i32) (result f32)', 'Position.x'],
    ['ecs.get', 'Dead.x', '(param i32) (result f32)', "'Dead' has no fields"],
    ['ecs.has', 'Deed', '(param i32) (result i32)', "did you mean 'Dead'"],
    ['ecs.has', 'toString', '(param i32) (result i32)', 'toString'],
    ['ecs.query', 'Position !Deaf', '(result i32)', "did you mean 'Dead'"],
    ['ecs.query', '  ', '(result i32)', 'names no component'],
    ['ecs', 'spwan', '(result i32)', "did you mean 'spawn'"],
    ['host', 'log_levle', '(param i32 i32 i32)', "did you mean 'log_level'"],
    ['math', 'sinh', '(param f64) (result f64)', "did you mean 'sin'"],
    ['maths', 'sin', '(param f64) (result f64)', "did you mean 'math'"],
    ['env', 'abort', '(param i32)', 'there is no import module'],
    ['audio', 'paly', '(param i32)', "did you mean 'play'"],
    ['emit', '', '(param i32)', 'does not exist'],
  ])('%s::%s is refused as unknown, and the message lists or suggests names', async (module, name, type, hint) => {
    const { runtime } = await createGame({ host: { audio: { play: () => undefined } } })
    const error = await errorOf(runtime.loadModule(importing(module, name, type), { name: 'script' }))
    expect(error).toMatchObject({ code: 'UnknownImport', script: 'script' })
    expect(error.message).toContain(`${module}::${name}`)
    expect(error.message).toContain(hint)
  })

  it('is refused together with all others, each at its place', async () => {
    const { runtime } = await createGame()
    const text = `(module
      (import "ecs.get" "Positon.x" (func (param i32) (result f32)))
      (import "ecs" "spawn" (func (result i32)))
      (import "ecs" "spawn" (func))
      (import "math" "sinh" (func (param f64) (result f64)))
      (func (export "tick") (param f32)))`
    const error = await errorOf(runtime.loadModule(text, { name: 'script' }))
    expect(error).toMatchObject({
      code: 'UnknownImport',
      location: { line: 2 },
      detail: expect.stringMatching(/Positon.* \(and 2 more\)$/),
    })
    expect(error.mistakes?.map(({ location }) => location.line)).toEqual([2, 4, 5])
    const binary = await errorOf(runtime.loadModule(await assembleWat(text, 'script'), { name: 'script' }))
    expect(binary.detail).toMatch(/^ecs\.get::Positon\.x does not exist/)
  })

  it.each([
    ['ecs.get', 'Position.x', '(param i32) (result f64)'],
    ['ecs.get', 'Health.points', '(param i32) (result f32)'],
    ['ecs.set', 'Position.x', '(param i32 f64)'],
    ['ecs.has', 'Dead', '(param i32)'],
    ['ecs.add', 'Dead', '(param i32) (result i32)'],
    ['ecs.remove', 'Dead', ''],
    ['ecs', 'spawn', ''],
    ['ecs', 'exists', '(param i32)'],
    ['ecs.query', 'Position', ''],
    ['ecs.entity', 'Position', '(result i32)'],
    ['emit', 'hit', '(param i32) (result i32)'],
    ['emit', 'hit', '(param v128)'],
    ['emit', 'hit', '(param externref)'],
    ['host', 'log', '(param i32)'],
    ['host', 'time', '(result f32)'],
    ['math', 'pow', '(param f64) (result f64)'],
    ['audio', 'play', '(param v128)'],
    ['audio', 'play', '(result i32 v128)'],
  ])('%s::%s cannot be declared as %s', async (module, name, type) => {
    const { runtime } = await createGame({ host: { audio: { play: () => undefined } } })
    const error = await errorOf(runtime.loadModule(importing(module, name, type)))
    expect(error.code).toBe('ImportTypeMismatch')
    expect(error.message).toMatch(/and must be/)
  })

  it.each([
    ['ecs.get', `Position.${'x'.repeat(9000)}`],
    ['ecs.has', 'Position'.repeat(1200)],
    ['ecs.query', `Position ${'Dead'.repeat(2000)}`],
    ['host', 'log'.repeat(3000)],
    ['h'.repeat(9000), 'log'],
    ['mine', 'f'.repeat(9000)],
  ])('with a long name is refused with a short message: %.10s', async (module, name) => {
    const { runtime } = await createGame({ host: { mine: { f: () => undefined } } })
    const error = await errorOf(runtime.loadModule(`(module (import "${module}" "${name}" (func)) (func (export "tick") (param f32)))`))
    expect(error.code).toBe('UnknownImport')
    expect(error.message.length).toBeLessThan(700)
    expect(error.message).toContain('…')
  })

  it('that is wrong is reported with its place in the text', async () => {
    const { runtime } = await createGame()
    const wat =
      '(module\n  (import "ecs.get" "Position.x" (func (param i32) (result f32)))\n  (import "ecs.get" "Positon.x" (func $x (param i32) (result f32)))\n  (func (export "a")))'
    const error = await errorOf(runtime.loadModule(wat, { name: 'typo' }))
    expect(error).toMatchObject({ code: 'UnknownImport', location: { file: 'typo.wat', line: 3, column: 11 } })
    expect(error.frame).toContain('> 3 |   (import "ecs.get" "Positon.x"')
    const mismatch = await errorOf(runtime.loadModule('(module\n  (func (export "tick")))', { name: 'wrong' }))
    expect(mismatch).toMatchObject({ code: 'SignatureMismatch', location: { file: 'wrong.wat', line: 2, column: 17 } })
  })

  it('that is declared twice with different results is refused at the second place', async () => {
    const { runtime } = await createGame({ host: { audio: { play: () => 1 } } })
    const wat = `(module
      (import "audio" "play" (func (result i32)))
      (import "audio" "play" (func (result i64)))
      (func (export "a")))`
    const error = await errorOf(runtime.loadModule(wat, { name: 'twice' }))
    expect(error).toMatchObject({ code: 'ImportTypeMismatch', location: { file: 'twice.wat', line: 3, column: 15 } })
    expect(error.detail).toContain('audio::play is declared twice, as () → i32 and as () → i64')
  })

  it('that is declared twice with different parameters is called with those of each', async () => {
    const seen: unknown[] = []
    const { runtime } = await createGame({ host: { audio: { play: (_, ...numbers) => void seen.push(numbers) } } })
    runtime.on('event', ({ args }) => seen.push(args))
    const id = await runtime.loadModule(`(module
      (import "audio" "play" (func $one (param i32))) (import "audio" "play" (func $two (param f64 i64)))
      (import "emit" "hit" (func $hit (param i32))) (import "emit" "hit" (func $miss))
      (func (export "a") (call $one (i32.const 7)) (call $two (f64.const 0.5) (i64.const 8)) (call $hit (i32.const 9)) (call $miss)))`)
    runtime.call(id, 'a')
    expect(seen).toEqual([[7], [0.5, 8n], [9], []])
  })

  it.each([
    ['called by name', '$two'],
    ['called by reference', '$one'],
  ])('that is declared twice is paid for once, %s', async (_, called) => {
    const price = async (imports: string, call: string): Promise<number> => {
      const { runtime } = await createGame({ host: { audio: { play: () => undefined } } })
      const body = `(func (export "tick") (param f32) ${call})`
      const id = await runtime.loadModule(`(module ${imports} (table $table funcref (elem $one)) (type $type (func)) ${body})`)
      runtime.tick(1)
      return runtime.script(id).stats.fuel
    }
    const import_ = (name: string): string => `(import "audio" "play" (func ${name}))`
    const call = called === '$one' ? '(call_indirect $table (type $type) (i32.const 0))' : `(call ${called})`
    const once = await price(import_('$one'), call.replace('$two', '$one'))
    expect(await price(import_('$one') + import_('$two'), call)).toBe(once)
    expect(await price(import_('$two') + import_('$one'), call)).toBe(once)
  })

  it.each([
    ['env', 'abort', '(param i32 i32 i32 i32)', /AssemblyScript imports it .*; compile with --use abort=\./],
    ['env', 'seed', '(result f64)', /call host\.random instead/],
    ['env', '__cxa_throw', '(param i32 i32 i32)', /C, C\+\+, Rust and AssemblyScript import from there what no file defines/],
    ['wasi_snapshot_preview1', 'fd_write', '(param i32)', /as printf does; call host\.log instead/],
    ['wasi_snapshot_preview1', 'fd_close', '(param i32)', /it asks for a system with files and a clock \(WASI\)/],
    ['env', 'emscripten_notify_memory_growth', '(param i32)', /define it in the script: void emscripten_notify_memory_growth\(/],
    ['env', 'emscripten_memcpy_big', '(param i32 i32 i32)', /link with -sSTANDALONE_WASM --no-entry/],
    ['wbg', '__wbindgen_throw', '(param i32 i32)', /without wasm-bindgen/],
    ['gojs', 'runtime.wasmExit', '(param i32)', /compile with TinyGo/],
  ])('that a compiler adds is refused with how to build without it: %s::%s', async (module, name, type, advice) => {
    const wat = importing(module, name, type)
    for (const host of [{}, { env: { print: () => undefined } }]) {
      const { runtime } = await createGame({ host })
      const error = await errorOf(runtime.loadModule(wat))
      expect(error.code).toBe('UnknownImport')
      expect(error.message).toMatch(advice)
      expect(error.message).not.toContain('did you mean')
    }
  })

  it('that resembles one of the game is not taken for that of a compiler', async () => {
    const { runtime } = await createGame({ host: { env: { print: () => undefined } } })
    expect((await errorOf(runtime.loadModule(importing('env', 'prnt', '')))).detail).toMatch(/; did you mean 'print'\?$/)
  })

  it('that is wrong the second time is reported with the second place', async () => {
    const { runtime } = await createGame()
    const wat = `(module
      (import "host" "time" (func (result f64)))
      (import "host" "time" (func (result f32)))
      (func (export "a")))`
    expect(await errorOf(runtime.loadModule(wat))).toMatchObject({ code: 'ImportTypeMismatch', location: { line: 3 } })
  })

  it('that is not a function is refused', async () => {
    const { runtime } = await createGame()
    const module = (what: string): string => `(module (import ${what}) (func (export "a")))`
    expect(await codeOf(runtime.loadModule(module('"host" "log" (memory 1)')))).toBe('ImportTypeMismatch')
    expect(await codeOf(runtime.loadModule(module('"emit" "x" (global i32)')))).toBe('ImportTypeMismatch')
    expect(await codeOf(runtime.loadModule(module('"env" "memory" (memory 1)')))).toBe('UnknownImport')
  })

  it('is resolved before the module is instantiated', async () => {
    const calls: string[] = []
    const { runtime } = await createGame({ host: { test: { began: () => void calls.push('began') } } })
    const wat = `(module (import "test" "began" (func $began)) (import "host" "nothing" (func)) (func (export "a")) (start $began))`
    expect(await codeOf(runtime.loadModule(wat))).toBe('UnknownImport')
    expect(calls).toEqual([])
  })

  it('may name a component whose fields are plain arrays or typed arrays', async () => {
    const Plain = { hp: [] as number[], level: new Uint8Array(8), note: 'not a field' }
    const { runtime, world, components } = await createGame()
    const other = await createGame({ world, components: { ...components, Plain } })
    runtime.dispose()
    const id = await other.runtime.loadModule(`(module
      (import "ecs.get" "Plain.hp" (func $hp (param i32) (result f64)))
      (import "ecs.set" "Plain.hp" (func $set_hp (param i32 f64)))
      (import "ecs.get" "Plain.level" (func $level (param i32) (result i32)))
      (import "ecs.set" "Plain.level" (func $set_level (param i32 i32)))
      (func (export "raise") (param i32)
        (call $set_hp (local.get 0) (f64.add (call $hp (local.get 0)) (f64.const 0.5)))
        (call $set_level (local.get 0) (i32.add (call $level (local.get 0)) (i32.const 255)))))`)
    const entity = addEntity(world, Plain)
    Plain.level[entity] = 3
    other.runtime.call(id, 'raise', entity)
    expect([Plain.hp[entity], Plain.level[entity]]).toEqual([0.5, 2])
    expect(await codeOf(() => other.runtime.call(id, 'raise', 8))).toBe('EntityOutOfRange')
    expect(await codeOf(other.runtime.loadModule(importing('ecs.get', 'Plain.note', '(param i32) (result i32)')))).toBe('UnknownImport')
  })
})
