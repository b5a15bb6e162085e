import { addEntity } from 'bitecs'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame, errorOf, type Game } from '../fixtures/game.ts'
import { playBoth } from '../fixtures/scene.ts'
import { binary, leb, section, text, vector } from '../fixtures/wasm/bytes.ts'
import { HAS_TWO_MEMORIES } from '../fixtures/wasm/memories.ts'

const X = '(import "ecs.get" "Position.x" (func $x (param i32) (result f32))) (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))'
const POINTS = `(import "ecs.get" "Health.points" (func $points (param i32) (result i32)))
  (import "ecs.set" "Health.points" (func $set (param i32 i32)))`

/** Returns the bytes of all columns, to check that none was written. */
/** A clone of a column would be one of the whole memory. */
const columnsOf = ({ components: { Position, Velocity, Health } }: Game): unknown =>
  [Position, Velocity, Health].map((component) => Object.values(component).map((column) => column.slice()))

function fill({ components }: Game): void {
  for (const column of [
    components.Position.x,
    components.Position.y,
    components.Velocity.x,
    components.Velocity.y,
    components.Health.points,
  ])
    for (let entity = 0; entity < 1000; entity++) column[entity] = entity + 0.5
}

describe('a script that has a memory of its own and reads columns', () => {
  it('uses its memory as it does without columns', async () => {
    const game = await createGame()
    fill(game)
    const before = columnsOf(game)
    const { runtime } = game
    const id = await runtime.loadModule(`(module ${X}
      (memory $m (export "memory") 2 5) (data (i32.const 100) "hello") (data $kept "passive")
      (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
      (func (export "store") (param i32) (i32.store (local.get 0) (i32.const 0x41424344)))
      (func (export "vector") (param i32) (result i32) (v128.store (local.get 0) (i32x4.splat (i32.const 7))) (i32x4.extract_lane 3 (v128.load (local.get 0))))
      (func (export "size") (result i32) (memory.size))
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
      (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
      (func (export "init") (memory.init $kept (i32.const 200) (i32.const 0) (i32.const 7)) (data.drop $kept))
      (func (export "again") (memory.init $kept (i32.const 200) (i32.const 0) (i32.const 1)))
      (func (export "x") (param i32) (result f32) (call $x (local.get 0))))`)
    const call = (name: string, ...args: number[]): unknown => runtime.call(id, name, ...args)
    const bytes = (...places: number[]): string => String.fromCharCode(...places.map((place) => call('load', place) as number))
    expect([bytes(100, 104), bytes(200, 206)]).toEqual(['ho', 'pe'])
    expect([call('load', 0), call('size')]).toEqual([0, 2])
    call('store', 0)
    expect(bytes(3, 2, 1, 0)).toBe('ABCD')
    expect(call('vector', 1024)).toBe(7)
    call('fill', 300, 90, 3)
    call('copy', 302, 100, 5)
    expect(bytes(299, 300, 301, 302, 303, 304)).toBe('\0ZZhel')
    expect([call('grow', 2), call('size'), call('grow', 2), call('grow', 1), call('grow', 1), call('size')]).toEqual([2, 4, -1, 4, -1, 5])
    expect(call('load', 5 * 65_536 - 1)).toBe(0)
    expect(call('x', 999)).toBe(999.5)
    for (const [name, ...args] of [['load', 5 * 65_536] as const, ['fill', 5 * 65_536 - 1, 0, 2] as const, ['again'] as const]) {
      expect(await codeOf(() => call(name, ...args))).toBe('Trap')
    }
    expect(columnsOf(game)).toEqual(before)
  })

  it('passes text through its exported memory, with and without alloc', async () => {
    for (const alloc of ['', '(func (export "alloc") (param i32) (result i32) (i32.const 2048))']) {
      const { runtime, components, logs } = await createGame()
      components.Position.x[7] = 65
      const id = await runtime.loadModule(
        `(module ${X} (import "host" "log" (func $log (param i32 i32))) (memory (export "memory") 1) ${alloc}
          (func (export "echo") (param i32 i32) (result i32 i32) (call $log (local.get 0) (local.get 1)) (local.get 0) (local.get 1))
          (func (export "init") (param i32 i32) (call $log (local.get 0) (local.get 1)))
          (func (export "set_state") (param i32 i32) (call $log (local.get 0) (local.get 1)))
          (func (export "get_state") (result i32 i32) (i32.store8 (i32.const 9) (i32.const 57)) (i32.const 9) (i32.const 1))
          (func (export "x") (result f32) (call $x (i32.const 7))))`,
        { config: ['config'] },
      )
      expect(runtime.callJson(id, 'echo', { größe: 1 })).toEqual({ größe: 1 })
      await runtime.reloadModule(
        id,
        `(module ${X} (import "host" "log" (func $log (param i32 i32))) (memory (export "memory") 1) ${alloc}
          (func (export "set_state") (param i32 i32) (call $log (local.get 0) (local.get 1))))`,
      )
      runtime.tick(1)
      expect(logs.map(({ message }) => message)).toEqual(['["config"]', '{"größe":1}', '9'])
    }
  })

  it('has a new memory in each instance', async () => {
    const { world, components, runtime } = await createGame()
    const counting = (link: string): string => `(module ${POINTS} (memory ${link} 1)
      (func (export "update") (param i32 f32) (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))) (call $set (local.get 0) (i32.load (i32.const 0)))))`
    const entities = [1, 2, 3].map(() => addEntity(world))
    const each = await runtime.loadModule(counting(''), { instances: 'entity' })
    for (const entity of entities) runtime.attach(entity, each)
    runtime.tick(1)
    runtime.tick(1)
    expect(entities.map((entity) => components.Health.points[entity])).toEqual([2, 2, 2])
    runtime.unloadModule(each)
    const shared = await runtime.loadModule(counting('(export "memory")'))
    for (const entity of entities) runtime.attach(entity, shared)
    runtime.tick(1)
    await runtime.reloadModule(shared, counting('(export "memory")'))
    runtime.tick(1)
    expect(entities.map((entity) => components.Health.points[entity])).toEqual([1, 2, 3])
  })

  it('runs update as a script without columns does', async () => {
    const wat = `(module ${POINTS} (import "host" "log" (func $log (param i32 i32))) (memory (export "memory") 1 1)
      (func (export "update") (param $e i32) (param f32)
        (i32.store (i32.mul (local.get $e) (i32.const 4)) (i32.add (call $points (local.get $e)) (local.get $e)))
        (call $set (local.get $e) (i32.add (i32.load (i32.mul (local.get $e) (i32.const 4))) (memory.grow (i32.const 1))))
        (if (i32.eq (local.get $e) (i32.const 4)) (then (drop (i32.load (i32.const 65536)))))))`
    const ending = await playBoth({ wat, load: { onFault: 'detach' } })
    expect(ending.points).toEqual([2, 4, 3, 8, 10])
    expect(ending.errors).toEqual([expect.stringMatching(/^Trap update 4: memory access out of bounds/)])
  })
})

describe('limits.memoryPages', () => {
  it('has room by default for what Emscripten makes, which begins with 258 pages', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule('(module (memory (export "memory") 258) (func (export "tick") (param f32)))')
    expect(runtime.script(id).status).toBe('active')
  })

  it('limits each memory and all of them together, not counting the memory of the columns', async () => {
    const { runtime } = await createGame({ limits: { memoryPages: 6 } })
    const grow = '(func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))'
    for (const size of ['1', '1 6', '1 600', '1 65536']) {
      const id = await runtime.loadModule(`(module ${X} (memory ${size}) ${grow})`)
      expect([runtime.call(id, 'grow', 6), runtime.call(id, 'grow', 5), runtime.call(id, 'grow', 1)]).toEqual([-1, 1, -1])
    }
    const narrow = await runtime.loadModule(`(module ${X} (memory 1 2) ${grow})`)
    expect([runtime.call(narrow, 'grow', 1), runtime.call(narrow, 'grow', 1)]).toEqual([1, -1])
    const error = await errorOf(runtime.loadModule(`(module ${X} (memory 7) ${grow})`))
    expect([error.code, error.message]).toEqual(['TooLarge', expect.stringContaining('limits.memoryPages')])
  })

  it.runIf(HAS_TWO_MEMORIES)('is shared by all memories of a script', async () => {
    const { runtime } = await createGame({ limits: { memoryPages: 6 } })
    const two = (sizes: string): string => `(module ${X} ${sizes}
      (func (export "a") (param i32) (result i32) (memory.grow 0 (local.get 0))) (func (export "b") (param i32) (result i32) (memory.grow 1 (local.get 0)))
      (func (export "store") (i32.store 1 (i32.const 0) (i32.const 5))) (func (export "load") (result i32) (i32.load 0 (i32.const 0)))
      (func (export "x") (result f32) (call $x (i32.const 1))))`
    const id = await runtime.loadModule(two('(memory 1) (memory 1)'))
    runtime.call(id, 'store')
    expect([runtime.call(id, 'load'), runtime.call(id, 'x')]).toEqual([0, 0])
    expect([runtime.call(id, 'a', 2), runtime.call(id, 'a', 1), runtime.call(id, 'b', 2), runtime.call(id, 'b', 1)]).toEqual([1, -1, 1, -1])
    expect(await codeOf(runtime.loadModule(two('(memory 3) (memory 4)')))).toBe('TooLarge')
  })
})

/** A module with an imported accessor, a function `go` with this code, an optional memory, and more sections. */
function reaching(
  code: readonly number[],
  own: boolean,
  more: { exports?: number[][]; imports?: number[][]; data?: number[] } = {},
): Uint8Array<ArrayBuffer> {
  const { exports = [], imports = [], data } = more
  const body = [0x00, ...code, 0x0b]
  return binary(
    section(1, vector([0x60, 0x01, 0x7f, 0x01, 0x7d], [0x60, 0x00, 0x00])),
    section(2, vector([...text('ecs.get'), ...text('Position.x'), 0x00, 0x00], ...imports)),
    section(3, vector([0x01])),
    ...(own ? [section(5, vector([0x00, 0x01]))] : []),
    section(7, vector([...text('go'), 0x00, 0x01], ...exports)),
    ...(data === undefined ? [] : [section(12, leb(1))]),
    section(10, vector([...leb(body.length), ...body])),
    ...(data === undefined ? [] : [section(11, vector(data))]),
  )
}

const ZERO = [0x41, 0x00]
const ONE = [0x41, 0x01]
/** Instructions that use the memory with an index that the module does not have. */
const uses = (memory: number): readonly [string, readonly number[], { exports?: number[][]; data?: number[] }?][] => [
  ['load', [...ZERO, 0x28, 0x42, memory, 0x00, 0x1a]],
  ['load of one byte', [...ZERO, 0x2d, 0x40, memory, 0x00, 0x1a]],
  ['store', [...ZERO, ...ONE, 0x36, 0x42, memory, 0x00]],
  ['store of a float', [...ZERO, 0x43, 0, 0, 0, 0, 0x38, 0x42, memory, 0x00]],
  ['load of a vector', [...ZERO, 0xfd, 0x00, 0x44, memory, 0x00, 0x1a]],
  ['load of a lane', [...ZERO, 0xfd, 0x0c, ...new Array<number>(16).fill(0), 0xfd, 0x54, 0x40, memory, 0x00, 0x00, 0x1a]],
  ['size', [0x3f, memory, 0x1a]],
  ['size, by a longer number', [0x3f, memory | 0x80, 0x80, 0x00, 0x1a]],
  ['grow', [...ONE, 0x40, memory, 0x1a]],
  ['fill', [...ZERO, ...ONE, ...ONE, 0xfc, 0x0b, memory]],
  ['copy to it', [...ZERO, ...ZERO, ...ONE, 0xfc, 0x0a, memory, 0x00]],
  ['copy from it', [...ZERO, ...ZERO, ...ONE, 0xfc, 0x0a, 0x00, memory]],
  ['init', [...ZERO, ...ZERO, ...ONE, 0xfc, 0x08, 0x00, memory], { data: [0x01, 0x01, 0x07] }],
  ['data segment', [], { data: [0x02, memory, 0x41, 0x00, 0x0b, 0x01, 0x07] }],
  ['export', [], { exports: [[...text('ecs'), 0x02, memory]] }],
]

describe('the memory of the columns', () => {
  const untouched = async (work: (game: Game) => Promise<void>): Promise<void> => {
    const game = await createGame()
    fill(game)
    const before = columnsOf(game)
    await work(game)
    game.runtime.tick(1)
    expect(columnsOf(game)).toEqual(before)
    expect(game.runtime.scripts()).toEqual([])
  }

  it.each(
    [0, 1, 2].flatMap((memory) =>
      uses(memory).map(([what, code, more]) => ({ name: `${what} of memory ${memory}`, own: memory > 0, code, more })),
    ),
  )('cannot be accessed by $name of a memory that does not exist', async ({ own, code, more }) => {
    await untouched(async ({ runtime }) => {
      for (const link of ['inline', 'host'] as const)
        expect(await codeOf(runtime.loadModule(reaching(code, own, more), { link }))).toBe('InvalidBinary')
    })
    // The only mistake in it is that the memory does not exist.
    const { runtime } = await createGame()
    if (own) expect(await codeOf(runtime.loadModule(reaching(code, false, more)))).toBe('InvalidBinary')
  })

  const FORBIDDEN: readonly (readonly [string, string])[] = [
    ['(memory 1) (func (export "a") (drop (i32.load 1 (i32.const 0))))', 'InvalidText'],
    ['(memory 1) (func (export "a") (memory.copy 1 0 (i32.const 0) (i32.const 0) (i32.const 9)))', 'InvalidText'],
    ['(memory 1) (data (memory 1) (i32.const 0) "x") (func (export "a"))', 'InvalidText'],
    ['(memory 1) (export "ecs" (memory 1)) (func (export "a"))', 'InvalidText'],
    ['(import "bitscript" "ecs" (memory 0)) (func (export "a") (i32.store (i32.const 0) (i32.const 9)))', 'UnknownImport'],
    ['(import "bitscript" "ecs" (memory 0)) (memory 1) (func (export "a"))', 'UnknownImport'],
    ['(import "bitscript" "bitscript:memory:0" (memory 0)) (func (export "a"))', 'UnknownImport'],
    ['(import "bitscript" "bitscript:memory:0" (memory 0)) (memory 1) (func (export "a"))', 'UnknownImport'],
    ['(import "bitscript" "ecs" (func)) (func (export "a"))', 'UnknownImport'],
    ['(import "bitscript" "bitscript:fuel" (global (mut i32))) (func (export "a"))', 'UnknownImport'],
    ['(import "env" "memory" (memory 1)) (func (export "a"))', 'UnknownImport'],
    ['(import "host" "log" (memory 1)) (func (export "a"))', 'ImportTypeMismatch'],
    ['(import "ecs.get" "Position.x" (memory 1)) (func (export "a"))', 'ImportTypeMismatch'],
    ...['fuel', 'depth', 'driver', 'memory:0', 'start', ''].map(
      (name) => [`(func (export "bitscript:${name}"))`, 'InvalidBinary'] as const,
    ),
    ['(memory (export "bitscript:memory:1") 1) (func (export "a"))', 'InvalidBinary'],
    ['(global (export "bitscript:fuel") (mut i32) (i32.const 0)) (func (export "a"))', 'InvalidBinary'],
    ['(table (export "bitscript:table:0") 1 funcref) (func (export "a"))', 'InvalidBinary'],
  ]
  it.each(FORBIDDEN)('cannot be accessed by (module %s)', async (declarations, code) => {
    const module = declarations.startsWith('(import') ? `(module ${declarations})` : `(module ${X} ${declarations})`
    // An engine that supports only one memory reports that first.
    const codes = declarations.includes('(memory 0)) (memory 1)') && !HAS_TWO_MEMORIES ? [code, 'EngineUnavailable'] : [code]
    await untouched(async ({ runtime }) => {
      for (const link of ['inline', 'host'] as const) expect(codes).toContain(await codeOf(runtime.loadModule(module, { link })))
    })
  })

  it('cannot be imported by a binary module', async () => {
    await untouched(async ({ runtime }) => {
      for (const name of ['ecs', 'bitscript:memory:0']) {
        const imports = [[...text('bitscript'), ...text(name), 0x02, 0x00, 0x00]]
        expect(await codeOf(runtime.loadModule(reaching([...ZERO, ...ONE, 0x36, 0x02, 0x00], false, { imports })))).toBe('UnknownImport')
      }
      const exports = [[...text('bitscript:ecs'), 0x00, 0x01]]
      expect(await codeOf(runtime.loadModule(reaching([], true, { exports })))).toBe('InvalidBinary')
    })
  })

  it.runIf(HAS_TWO_MEMORIES)('would be accessed by each of these modules if it were their own', async () => {
    for (const [name, code, more] of uses(0)) expect(WebAssembly.validate(reaching(code, true, more)), name).toBe(true)
  })
})
