import { type HostContext, hashWorld, type LoadOptions, type RuntimeOptions, ScriptError, type ScriptId, Snapshot } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { type Content, forgeSnapshot } from '../../fixtures/forge.ts'
import { createGame, errorOf, type Game } from '../../fixtures/game.ts'
import { plugin } from '../../fixtures/plugin.ts'
import { counterScript } from '../../fixtures/scripts.ts'

const ENV = 'extism:host/env'
const wasi = (name: string, type: string): string => `(import "wasi_snapshot_preview1" "${name}" (func $${name} ${type}))`
const user = (type: string): string => `(import "extism:host/user" "f" (func $f ${type}))`
const run = (body: string, more = ''): string =>
  plugin(`(func (export "run") (result i32) (local $n i32) (local $at i64) ${body} (i32.const 0))`, more)
/** A block of so many bytes, which are 0. */
const block = (bytes: number): string => `(call $alloc (i64.const ${bytes}))`
const WILD = ['0x7fffffffffffffff', '-1', '-16', '1', '79', '0x100000050']
const FD_WRITE = wasi('fd_write', '(param i32 i32 i32 i32) (result i32)')

interface Stage extends Game {
  readonly other: ScriptId
  /** Fails if the attack disturbed anything but the plugin. */
  expectUndisturbed(): void
}

/** A game with a script that counts its ticks. */
async function createStage(options: Partial<RuntimeOptions> = {}): Promise<Stage> {
  const game = await createGame({ limits: { fuel: 5_000_000 }, ...options })
  const { world, components, runtime } = game
  const other = await runtime.loadModule(counterScript(), { name: 'other' })
  runtime.spawn({ Position: { x: 1 } })
  runtime.tick(1)
  const before = hashWorld(world, components)
  return {
    ...game,
    other,
    expectUndisturbed() {
      for (const script of runtime.scripts()) if (script.id !== other) runtime.unloadModule(script.id)
      expect(hashWorld(world, components)).toBe(before)
      const count = Number(runtime.call(other, 'count'))
      expect(runtime.tick(1).faults).toBe(0)
      expect(runtime.call(other, 'count')).toBe(count + 1)
    },
  }
}

/** What the function `run` of a plugin ends with: a code, or its output as text. */
async function outcome(wat: string, options: LoadOptions = {}, game: Partial<RuntimeOptions> = {}): Promise<string> {
  const stage = await createStage(game)
  let result: string
  try {
    const id = await stage.runtime.loadModule(wat, { name: 'plugin', ...options })
    const output = stage.runtime.callBytes(id, 'run', new TextEncoder().encode('input'))
    result = output === undefined ? 'nothing' : new TextDecoder().decode(output)
  } catch (error) {
    expect(error).toBeInstanceOf(ScriptError)
    result = (error as ScriptError).code
  }
  stage.expectUndisturbed()
  return result
}

describe('a forged plugin', () => {
  it.each<[string, string, string, (LoadOptions | undefined)?]>([
    ['allocates more than there can be', run('(call $output_set (call $alloc (i64.const 0x7fffffffffffffff)) (i64.const 5))'), 'nothing'],
    [
      'allocates until there is no room',
      run(`(loop $next (br_if $next (i64.ne ${block(65536)} (i64.const 0)))) (call $output (i32.const 0) (i32.const 0))`, ''),
      'nothing',
      { limits: { memoryPages: 20 } },
    ],
    ['allocates and never ends', run(`(loop $next (drop ${block(1)}) (br $next))`), 'OutOfFuel'],
    [
      'writes over the header of a block and asks for its length',
      run(
        `(local.set $at ${block(8)}) (call $store_u64 (i64.sub (local.get $at) (i64.const 8)) (i64.const -1)) (call $output_set (local.get $at) (call $length (local.get $at)))`,
      ),
      '',
    ],
    [
      'reads a freed block by the host',
      run(`(local.set $at ${block(8)}) (call $free (local.get $at)) (call $log_info (local.get $at))`),
      'InvalidPointer',
    ],
    [
      'sets an error twice, and then none',
      run(`(call $error_set ${block(3)}) (call $error_set ${block(4)}) (call $error_set (i64.const 0))`),
      'nothing',
    ],
    ['sets a freed error', run(`(local.set $at ${block(8)}) (call $error_set (local.get $at)) (call $free (local.get $at))`), 'GuestError'],
    ['sets an output beyond its block', run(`(call $output_set ${block(8)} (i64.const 100000))`), 'nothing'],
    [
      'sets an output of more than limits.jsonBytes',
      run(`(call $output_set ${block(2000)} (i64.const 2000))`),
      'TooLarge',
      { limits: { jsonBytes: 1000 } },
    ],
    [
      'frees its input and reads it',
      run('(call $free (call $input_offset)) (call $output_set (call $input_offset) (call $input_length))'),
      '',
    ],
    [
      'sets its input to what is not there',
      run(
        '(call $input_set (i64.const 0x7fffffff0) (i64.const -1)) (call $output_set (call $input_offset) (call $input_length))',
        `(import "${ENV}" "input_set" (func $input_set (param i64 i64)))`,
      ),
      'input',
    ],
    [
      'frees everything and outputs its input',
      run(
        '(local.set $at (call $input_offset)) (call $reset) (call $output_set (local.get $at) (i64.const 5))',
        `(import "${ENV}" "reset" (func $reset))`,
      ),
      'nothing',
    ],
    ['exits in the middle', run('(call $proc_exit (i32.const 3))', wasi('proc_exit', '(param i32)')), 'GuestError'],
    [
      'sets variables past the quota',
      run(
        `(loop $next (i32.store (i32.const 0) (local.tee $n (i32.add (local.get $n) (i32.const 1)))) (call $var_set (call $block (i32.const 0) (i32.const 4)) ${block(1)}) (br $next))`,
      ),
      'OutOfMemory',
      { limits: { jsonBytes: 10_000 } },
    ],
    [
      'sets a million variables',
      run(
        `(loop $next (i32.store (i32.const 0) (local.tee $n (i32.add (local.get $n) (i32.const 1)))) (call $var_set (call $block (i32.const 0) (i32.const 4)) ${block(1)}) (br $next))`,
      ),
      'OutOfFuel',
    ],
    [
      'writes a line of 1,024 vectors of four gigabytes',
      run(
        '(drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1024) (i32.const 16384)))',
        `${FD_WRITE} (data (i32.const 0) "\\00\\00\\00\\00\\ff\\ff\\ff\\ff")`,
      ),
      'nothing',
    ],
    [
      'writes without end to where no memory is',
      run('(loop $next (drop (call $fd_write (i32.const 1) (i32.const -8) (i32.const 1) (i32.const -8))) (br $next))', FD_WRITE),
      'OutOfFuel',
    ],
    [
      'ends its own stack',
      run('(call $deep)', '').replace('(func (export "run")', '(func $deep (call $deep)) (func (export "run")'),
      'StackOverflow',
    ],
  ])('%s', async (_, wat, expected, options) => {
    expect(await outcome(wat, options)).toBe(expected)
  })

  it.each(WILD)('passes the offset %s, where no block begins, to everything that takes one', async (offset) => {
    const at = `(i64.const ${offset})`
    for (const body of [
      `(call $log_info ${at})`,
      `(drop (call $config_get ${at}))`,
      `(drop (call $var_get ${at}))`,
      `(call $var_set ${at} ${at})`,
      `(call $var_set ${block(1)} ${at})`,
    ]) {
      expect(await outcome(run(body))).toBe('InvalidPointer')
    }
    expect(
      await outcome(
        run(`(call $free ${at}) (call $store_u64 ${at} (i64.const -1)) (call $error_set ${at}) (call $output_set ${at} (i64.const 8))`),
      ),
    ).toBe(offset === '79' ? 'GuestError' : 'nothing')
    const host: RuntimeOptions['host'] = { 'extism:host/user': { f: (context: HostContext, given: bigint) => void context.read(given) } }
    expect(await outcome(run(`(call $f ${at})`, user('(param i64)')), {}, { host })).toBe('InvalidPointer')
  })

  it('cannot catch what it was refused', async () => {
    const caught = run('(loop $next (try (do (call $log_info (i64.const 1))) (catch_all)) (br $next))')
    expect(await outcome(caught)).toBe('InvalidPointer')
    const exits = run('(loop $next (try (do (call $proc_exit (i32.const 1))) (catch_all)) (br $next))', wasi('proc_exit', '(param i32)'))
    expect(await outcome(exits)).toBe('OutOfFuel')
  })

  it.each([
    ['the kernel with another type', `(import "${ENV}" "alloc" (func (param i32) (result i32)))`, 'ImportTypeMismatch'],
    ['the memory of the kernel', `(import "${ENV}" "memory" (memory 1))`, 'UnknownImport'],
    ['a global of the kernel', `(import "${ENV}" "top" (global (mut i32)))`, 'UnknownImport'],
    ['a global of the kernel as a function', `(import "${ENV}" "top" (func))`, 'UnknownImport'],
    ['a function that nobody gave', user(''), 'UnknownImport'],
    ['what all objects of JavaScript have', `(import "${ENV}" "constructor" (func)) (import "${ENV}" "__proto__" (func))`, 'UnknownImport'],
    ['WASI with another type', wasi('fd_write', '(param i32)'), 'ImportTypeMismatch'],
  ])('imports %s', async (_, imports, code) => {
    const wat = `(module (import "${ENV}" "input_length" (func (result i64))) ${imports} (func (export "run") (result i32) (i32.const 0)))`
    expect(await outcome(wat)).toBe(code)
  })

  it('calls WASI without an exported memory', async () => {
    const wat = run('(drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))', FD_WRITE).replace(
      '(memory (export "memory") 1)',
      '(memory 1)',
    )
    expect(await outcome(wat)).toBe('MissingExport')
  })

  it.each([
    ['_start', '(call $proc_exit (i32.const 0))', 'nothing'],
    ['_start', '(call $proc_exit (i32.const 2))', 'GuestError'],
    ['_initialize', '(call $proc_exit (i32.const 0))', 'GuestError'],
    ['_initialize', 'unreachable', 'Trap'],
    ['update', '(call $proc_exit (i32.const 2))', 'nothing'],
  ])('leaves by %s: %s', async (name, body, expected) => {
    const type = name === 'update' ? '(param i32 f32)' : ''
    const wat = plugin(
      `(func (export "run") (result i32) (i32.const 0)) (func (export "${name}") ${type} ${body}) (func (drop (call $input_length)))`,
      wasi('proc_exit', '(param i32)'),
    )
    expect(await outcome(wat)).toBe(expected)
    if (name !== 'update') return
    const { runtime, errors, expectUndisturbed } = await createStage()
    const id = await runtime.loadModule(wat, { name: 'plugin' })
    const entity = runtime.spawn({})
    runtime.attach(entity, id)
    runtime.tick(1)
    expect(errors).toMatchObject([{ code: 'GuestError', entity, export: 'update' }])
    runtime.despawn(entity)
    expectUndisturbed()
  })

  it.each([
    ['_start', '(param i64)'],
    ['_initialize', '(result i32)'],
    ['hs_init', '(param i64 i64)'],
  ])('exports %s with another type: %s', async (name, type) => {
    const wat = plugin(
      `(func (export "run") (result i32) (drop (call $input_length)) (i32.const 0)) (func (export "${name}") ${type} unreachable)`,
    )
    expect(await outcome(wat)).toBe('SignatureMismatch')
  })

  it.each<[string, string, string, (context: HostContext, ...numbers: never[]) => unknown, string]>([
    [
      'with fewer arguments than it takes',
      '(param i64)',
      '(call $f (i64.const 0))',
      (context, at: bigint, more?: bigint) => context.store(`${at}${more}`),
      'nothing',
    ],
    ['that returns nothing for an offset', '(result i64)', '(drop (call $f))', () => undefined, 'HostError'],
    ['that returns a number for an offset', '(result i64)', '(drop (call $f))', () => 5, 'HostError'],
    [
      'that stores more than there is room for',
      '(result i64)',
      '(drop (call $f))',
      (context) => context.store(new Uint8Array(4_000_000)),
      'OutOfMemory',
    ],
  ])('calls a host function %s', async (_, type, body, f, expected) => {
    const game = { host: { 'extism:host/user': { f: f as never } } }
    expect(await outcome(run(body, user(type)), { limits: { memoryPages: 20 } }, game)).toBe(expected)
  })

  it('has no fuel left for what a host function stores, which is not the fault of the host', async () => {
    const game = { host: { 'extism:host/user': { f: (context: HostContext) => context.store(new Uint8Array(100_000)) } } }
    expect(await outcome(run('(drop (call $f))', user('(result i64)')), { limits: { fuel: 1000 } }, game)).toBe('OutOfFuel')
  })

  it('shares no blocks with a host function that has returned, and all of them in every other call', async () => {
    const contexts: HostContext[] = []
    const f = (context: HostContext): bigint => {
      contexts.push(context)
      return context.store('text')
    }
    const { runtime } = await createStage({ host: { 'extism:host/user': { f } } })
    const wat = plugin(
      `(func (export "_initialize") (drop (call $f))) (func (export "init") (result i32) (drop (call $f)) (i32.const 0))
       (func (export "tick") (param f32) (drop (call $f))) (func (drop (call $input_length)))`,
      user('(result i64)'),
    )
    const id = await runtime.loadModule(wat)
    await runtime.reloadModule(id, wat)
    expect(runtime.tick(1).faults).toBe(0)
    expect(contexts).toHaveLength(5)
    for (const { read, readText, store } of contexts) {
      for (const late of [() => read(80n), () => readText(80n), () => store('late')]) expect((await errorOf(late)).code).toBe('HostError')
    }
  })

  it('is given more than it has room for, which is no fault of its own', async () => {
    const { runtime, errors, expectUndisturbed } = await createStage()
    const id = await runtime.loadModule(run('(call $output_set (call $input_offset) (call $input_length))'), {
      limits: { memoryPages: 1, jsonBytes: 1_000_000 },
    })
    const error = await errorOf(() => runtime.callBytes(id, 'run', new Uint8Array(500_000)))
    expect(error.code).toBe('OutOfMemory')
    expect(error.message).toContain('limits.memoryPages')
    expect([runtime.script(id).status, errors]).toEqual(['active', []])
    expectUndisturbed()
  })

  it('allocates in update, for ever: the blocks of a call are freed by the next', async () => {
    const { runtime, errors } = await createStage()
    const grow = `(if (i64.eqz ${block(60_000)}) (then unreachable))`
    const id = await runtime.loadModule(plugin(`(func (export "update") (param i32 f32) ${grow})`), { limits: { memoryPages: 4 } })
    runtime.attach(runtime.spawn({}), id)
    for (let tick = 0; tick < 50; tick++) runtime.tick(1)
    expect(errors).toEqual([])
  })

  it('gets the room of the variables that it removes', async () => {
    const { runtime, errors } = await createStage()
    const key = '(call $block (i32.const 0) (i32.const 1))'
    const toggle = `(global.set $n (i32.xor (global.get $n) (i32.const 1)))
      (if (global.get $n) (then (call $var_set ${key} ${block(60_000)})) (else (call $var_set ${key} (i64.const 0))))`
    const wat = plugin(`(global $n (mut i32) (i32.const 0)) (func (export "tick") (param f32) ${toggle})`)
    await runtime.loadModule(wat, { limits: { totalMemoryPages: 5, jsonBytes: 65_536 } })
    for (let tick = 0; tick < 20; tick++) runtime.tick(1)
    expect(errors).toEqual([])
  })

  it('has no more variables in all its instances than limits.totalMemoryPages', async () => {
    const { runtime, errors } = await createStage()
    const set = `(call $var_set (call $block (i32.const 0) (i32.const 1)) ${block(60_000)})`
    const wat = plugin(`(func (export "update") (param i32 f32) ${set})`)
    const id = await runtime.loadModule(wat, {
      instances: 'entity',
      onFault: 'detach',
      limits: { totalMemoryPages: 20, fuel: 50_000_000, jsonBytes: 65_536 },
    })
    for (let count = 0; count < 8; count++) runtime.attach(runtime.spawn({}), id)
    runtime.tick(1)
    expect(errors.map(({ code }) => code).includes('OutOfMemory')).toBe(true)
  })
})

describe('a forged snapshot of a plugin', () => {
  const KEEPER = plugin(
    '(func (export "set") (result i32) (call $var_set (call $block (i32.const 0) (i32.const 1)) (call $input_offset)) (i32.const 0))',
  )
  const own = (content: Content): Content => content.scripts.find((script: Content) => script.name === 'plugin').own
  const MODULE = { memories: [], globals: [], vectors: [], tables: [] }
  let nested: Content = []

  it.each<[string, (content: Content) => void]>([
    [
      'with more variables than limits.jsonBytes',
      (c) => (own(c).variables = Array.from({ length: 100 }, (_, index) => [`v${index}`, new Uint8Array(1)])),
    ],
    ['with a variable of more than limits.jsonBytes', (c) => (own(c).variables = [['v', new Uint8Array(20_000)]])],
    ['with a variable that is no bytes', (c) => (own(c).variables = [['v', 'text']])],
    ['with a module that the plugin does not have', (c) => (own(c).linked = [['a', MODULE]])],

    [
      'with modules in modules',
      (c) => {
        for (let depth = 0; depth < 50; depth++) nested = [['a', { ...MODULE, linked: nested }]]
        own(c).linked = nested
      },
    ],
    ['with a kernel of many pages', (c) => (own(c).scratchPages = 60_000)],
    ['with a kernel of no pages', (c) => (own(c).scratchPages = 0)],
    ['with a kernel of half a page', (c) => (own(c).scratchPages = 1.5)],
    ['with variables of a script', (c) => (c.scripts.find((script: Content) => script.name === 'other').own.variables = [])],
  ])('%s is refused, and changes nothing', async (_, forge) => {
    const { runtime, expectUndisturbed } = await createStage()
    const id = await runtime.loadModule(KEEPER, { name: 'plugin', limits: { jsonBytes: 10_000 } })
    runtime.callBytes(id, 'set', Uint8Array.of(1))
    const before = runtime.snapshot().toBytes()
    const error = await errorOf(() => runtime.restore(Snapshot.fromBytes(forgeSnapshot(before, forge))))
    expect(error).toBeInstanceOf(ScriptError)
    expect(error.code).toBe('StateRejected')
    expect(Buffer.compare(runtime.snapshot().toBytes(), before)).toBe(0)
    expectUndisturbed()
  })

  it('as it was written is restored, with a kernel that has grown', async () => {
    const { runtime } = await createStage()
    const id = await runtime.loadModule(KEEPER, { name: 'plugin' })
    const early = runtime.snapshot()
    runtime.callBytes(id, 'set', new Uint8Array(300_000))
    const spent = (): number => {
      const { fuel } = runtime.tick(1)
      return fuel
    }
    const bytes = runtime.snapshot().toBytes()
    const after = spent()
    runtime.restore(early)
    runtime.restore(Snapshot.fromBytes(bytes))
    expect(Buffer.compare(runtime.snapshot().toBytes(), bytes)).toBe(0)
    expect(spent()).toBe(after)
  })
})
