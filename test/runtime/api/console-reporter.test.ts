import { addEntity, createWorld, observe, onRemove } from 'bitecs'
import { defineComponents, type LoadOptions, type RuntimeOptions, type ScriptAsset, type ScriptId, WasmScriptRuntime } from 'bitscript'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { errorOf } from '../../fixtures/game.ts'
import { tickScript, updateScript } from '../../fixtures/scripts.ts'

const LEVELS = ['debug', 'info', 'warn', 'error'] as const
const TRAP = tickScript('\n  unreachable')
const LOG = tickScript(
  `(call $log (i32.const 0) (i32.const 0) (i32.const 3)) (call $log (i32.const 1) (i32.const 0) (i32.const 3))
   (call $log (i32.const 2) (i32.const 0) (i32.const 3)) (call $log (i32.const 3) (i32.const 3) (i32.const 4))`,
  `(import "host" "log_level" (func $log (param i32 i32 i32))) (memory (export "memory") 1) (data (i32.const 0) "one\\1b[2J")`,
)

/** What the console printed: the level and the text of each line. */
let printed: [string, string][]

beforeEach(() => {
  printed = []
  for (const level of LEVELS) vi.spyOn(console, level).mockImplementation((text) => void printed.push([level, String(text)]))
})
afterEach(() => {
  vi.restoreAllMocks()
})

async function quietGame(options: Partial<RuntimeOptions> = {}) {
  const world = createWorld()
  const components = defineComponents({ Position: { x: 'f32' } }, { capacity: 100, reserve: 0 })
  const runtime: WasmScriptRuntime = await WasmScriptRuntime.create({ world, components, ...options })
  const load = (wat: string, given: LoadOptions = {}): Promise<ScriptId> => runtime.loadModule(wat, { name: 'it', ...given })
  return { world, components, runtime, load }
}

describe('a fault without a listener', () => {
  it('is printed with its place, its frame and what to do', async () => {
    const { runtime, load } = await quietGame()
    await load(TRAP)
    runtime.tick(0.1)
    expect(printed).toHaveLength(1)
    const [level, text] = printed[0] as [string, string]
    expect(level).toBe('error')
    expect(text).toMatch(/^\[bitscript\] it\.tick at it\.wat:2:3: unreachable\. Correct the script and reload it\. \[Trap\]\n/)
    expect(text).toContain('> 2 |   unreachable')
  })

  it('is printed once, whatever entities have it', async () => {
    const { world, runtime, load } = await quietGame()
    const id = await load(updateScript('unreachable'), { onFault: 'detach' })
    for (let count = 0; count < 5; count++) runtime.attach(addEntity(world), id)
    expect(runtime.tick(0.1).faults).toBe(5)
    expect(printed).toHaveLength(1)
  })

  it('is printed for each script and each place', async () => {
    const { world, runtime, load } = await quietGame()
    await load(TRAP, { name: 'one' })
    await load(TRAP, { name: 'two' })
    const id = await load(updateScript('(if (i32.and (local.get $eid) (i32.const 1)) (then unreachable))\n unreachable'), {
      onFault: 'detach',
    })
    for (let count = 0; count < 3; count++) runtime.attach(addEntity(world), id)
    runtime.tick(0.1)
    expect(printed.map(([, text]) => / at (\w+\.wat:\d+)/.exec(text)?.[1])).toEqual(['one.wat:2', 'two.wat:2', 'it.wat:2', 'it.wat:1'])
  })

  it('is not printed if it is thrown to the game', async () => {
    const { runtime, load } = await quietGame()
    const id = await load(
      '(module (memory (export "memory") 1) (func (export "a") unreachable) (func (export "b") (result i32 i32) unreachable))',
    )
    for (const call of [() => runtime.call(id, 'a'), () => runtime.callJson(id, 'b'), () => runtime.callBytes(id, 'b')])
      expect((await errorOf(call)).code).toBe('Trap')
    expect(printed).toEqual([])
  })

  it('is printed again if a reload did not mend it', async () => {
    const { runtime, load } = await quietGame()
    const id = await load(TRAP, { probation: 0 })
    runtime.tick(0.1)
    await runtime.reloadModule(id, `${TRAP} `)
    runtime.tick(0.1)
    expect(printed).toHaveLength(2)
  })

  it('of the host is printed with its own stack', async () => {
    const cause = new TypeError('no sound')
    const game = { play: () => { throw cause } } // biome-ignore format: one line
    const { runtime, load } = await quietGame({ host: { game } })
    await load(tickScript('(call $play)', '(import "game" "play" (func $play))'))
    runtime.tick(0.1)
    expect(printed[0]?.[1]).toMatch(/the host function game\.play threw 'no sound'.* \[HostError\]/)
    expect(vi.mocked(console.error).mock.calls[0]?.[1]).toBe(cause)
  })

  it('is not printed a hundred times and more', async () => {
    const { world, runtime, load } = await quietGame()
    const entities = Array.from({ length: 60 }, () => addEntity(world))
    const lines = entities.map((eid) => `(if (i32.eq (local.get $eid) (i32.const ${eid})) (then unreachable))`)
    for (const name of ['one', 'two']) {
      const id = await load(updateScript(lines.join('\n')), { name, onFault: 'detach' })
      for (const eid of entities) runtime.attach(eid, id)
    }
    expect(runtime.tick(0.1).faults).toBe(120)
    expect(printed).toHaveLength(101)
    expect(printed[100]?.[1]).toMatch(/there are more faults, which are not printed; receive them with runtime\.on\('error', …\)/)
  })

  it('is printed if only passive listeners receive it', async () => {
    const { runtime, load } = await quietGame()
    const seen: string[] = []
    const off = runtime.on('error', ({ code }) => seen.push(code), { passive: true })
    await load(TRAP)
    runtime.tick(0.1)
    expect(seen).toEqual(['Trap'])
    expect(printed).toHaveLength(1)
    off()
  })

  it('is printed although the source follows the script', async () => {
    const { runtime } = await quietGame()
    const seen: string[] = []
    const follow: ScriptAsset['follow'] = (script) => script.onError(({ code }) => seen.push(code))
    await runtime.loadModule({ name: 'asset', url: 'file:///asset.wat', bytes: new TextEncoder().encode(TRAP), follow } as ScriptAsset)
    runtime.tick(0.1)
    expect(seen).toEqual(['Trap'])
    expect(printed).toHaveLength(1)
  })

  it('that happens while the runtime is disposed of is printed', async () => {
    const { world, components, runtime, load } = await quietGame()
    const id = await load(updateScript(''))
    const entity = addEntity(world, components.Position)
    runtime.attach(entity, id)
    observe(world, onRemove(runtime.tag(id)), () => {
      throw new Error('no')
    })
    runtime.dispose()
    expect(printed[0]?.[1]).toContain("an observer of the world threw 'no'")
  })
})

describe('a fault with a listener', () => {
  it('is not printed, unless the listener throws', async () => {
    const { runtime, load } = await quietGame()
    let fails = false
    runtime.on('error', () => {
      if (fails) throw new Error('no')
    })
    const id = await load(TRAP)
    runtime.tick(0.1)
    expect(printed).toEqual([])
    fails = true
    await errorOf(() => runtime.call(id, 'tick', 1))
    expect(printed[0]?.[1]).toContain("a listener for 'error' threw 'no'")
  })
})

describe('a log line', () => {
  it('goes to the console at its level, with control characters escaped, if there is no listener', async () => {
    const { runtime, load } = await quietGame()
    await load(LOG)
    runtime.tick(0.1)
    expect(printed).toEqual([
      ['debug', '[it] one'],
      ['info', '[it] one'],
      ['warn', '[it] one'],
      ['error', '[it] \\x1b[2J'],
    ])
  })

  it('does not go to the console if onLog or a listener receives it', async () => {
    const { runtime, load } = await quietGame({ onLog: () => undefined })
    await load(LOG)
    runtime.tick(0.1)
    const other = await quietGame()
    other.runtime.on('log', () => undefined)
    await other.load(LOG)
    other.runtime.tick(0.1)
    expect(printed).toEqual([])
  })
})

describe('on', () => {
  it.each([[null], [{ passive: 1 }], [{ pasive: true }]])('refuses the options %j', async (options) => {
    const { runtime } = await quietGame()
    expect(await errorOf(() => runtime.on('error', () => undefined, options as never))).toMatchObject({ code: 'InvalidOptions' })
  })
})
