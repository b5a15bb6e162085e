import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { createWorld } from 'bitecs'
import { defineComponents, WasmScriptRuntime } from 'bitscript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ALLOCATOR, component, WIT } from '../fixtures/component.ts'
import { bitscript, createProject, type Finished, finish } from '../fixtures/project.ts'

const execute = promisify(execFile)

/** A game with one component, which moves an entity each tick. */
const GAME = `import { createWorld } from 'bitecs'
import { defineComponents, WasmScriptRuntime } from 'bitscript'

export const createSimulation = async ({ seed = 0 } = {}) => {
  const components = defineComponents({ Position: { x: 'f32' } })
  const runtime = await WasmScriptRuntime.create({ world: createWorld(), components, seed, host: { audio: { play() {} } } })
  const entity = runtime.spawn({ Position: {} })
  return {
    runtime,
    load: async () => runtime.attach(entity, await runtime.loadModule(new URL('./mover.wasm', import.meta.url))),
    step: (dt) => runtime.tick(dt),
    summary: () => ({ x: components.Position.x[entity] }),
  }
}`

/** A component that moves by \`step\` and counts its moves, as one digit of its state. */
function mover(step: number): Promise<Uint8Array<ArrayBuffer>> {
  return component(
    'import position; export update: func(entity: u32, dt: f32); export get-state: func() -> string; export set-state: func(state: string);',
    `(module (import "game:ecs/position" "get-x" (func $x (param i32) (result f32)))
      (import "game:ecs/position" "set-x" (func $set (param i32 f32)))
      ${ALLOCATOR}
      (func (export "update") (param i32 f32) (call $set (local.get 0) (f32.add (call $x (local.get 0)) (f32.const ${step}))))
      (data (i32.const 16) "7")
      (func (export "get-state") (result i32)
        (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 1)) (i32.const 0))
      (func (export "set-state") (param i32 i32) (i32.store8 (i32.const 16) (i32.load8_u (local.get 0)))))`,
  )
}

let folder: string
let remove: () => Promise<void>
beforeAll(async () => {
  ;({ folder, remove } = await createProject(['bitecs', 'tsx']))
  await writeFile(join(folder, 'mover.wasm'), await mover(1))
  await writeFile(join(folder, 'game.js'), GAME)
})
afterAll(() => remove())

const finished = (...args: string[]): Promise<Finished> => finish(folder, ...args)

describe('components at the command line', () => {
  it('are checked, alone and against a game, with types as WIT writes them', async () => {
    const { code, output } = await finished('check', 'mover.wasm')
    expect(code, output).toBe(0)
    expect(output).toMatch(/✓ mover\.wasm {2}component, \d+ bytes, \d functions, 1 page of memory/)
    expect(output).toContain('  import game:ecs/position::get-x  func(entity: u32) -> f32\n')
    expect(output).toContain('  export update  func(entity: u32, dt: f32)\n')
    const linked = await finished('check', 'mover.wasm', '--sim', 'game.js', '--json')
    expect(linked.code, linked.output).toBe(0)
    expect(JSON.parse(linked.output)).toMatchObject([{ file: 'mover.wasm', ok: true, module: { guest: 'component' } }])
  })

  it('are shown with what is wrong or doubtful about their imports and exports', async () => {
    await mkdir(join(folder, 'wrong'))
    const wit = `${WIT}package bitscript:games { interface log { write: func(); } }`.replace(
      'bitscript:game {',
      'bitscript:game { interface sound { play: func(); }',
    )
    const wrong = {
      'a.wasm': ['import bitscript:game/sound; export tick: func(dt: f32);', '(import "bitscript:game/sound" "play" (func))', 'tick'],
      'b.wasm': [
        'import audio: interface { play: func(sound: s32); } export updat: func(dt: f32);',
        '(import "audio" "play" (func (param i32)))',
        'updat',
      ],
      'c.wasm': ['export update: func(entity: f32, dt: f32);', '', 'update'],
    }
    for (const [name, [world = '', imports, exported]] of Object.entries(wrong)) {
      const params = exported === 'update' ? 'f32 f32' : 'f32'
      const wat = `(module ${imports} (func (export "${exported}") (param ${params})))`
      await writeFile(join(folder, 'wrong', name), await component(world, wat, wit))
    }
    const { code, output } = await finished('check', 'wrong')
    expect(code).toBe(1)
    expect(output.match(/^[✓✗] \S+( \w+)?/gm)).toEqual([
      '✗ wrong/a.wasm UnknownImport',
      '✓ wrong/b.wasm',
      '✗ wrong/c.wasm SignatureMismatch',
    ])
    expect(output).toMatch(/bitscript:game\/sound::play does not exist/)
    expect(output).toMatch(/import audio::play {2}func\(sound: s32\) {2}! 'audio' is not of bitscript: the game must provide it/)
    expect(output).toMatch(/export updat {2}func\(dt: f32\) {2}! the runtime does not call it; did you mean 'update'\?/)
    expect(output).toMatch(/'update' is func\(entity: f32, dt: f32\) and must be func\(entity: u32, dt: f32\)/)
  })

  it('are built into files that a page can load', async () => {
    const built = await finished('build', 'mover.wasm')
    expect(built.code, built.output).toBe(0)
    expect(built.output).toMatch(/✓ mover\.wasm → mover\.component\.wasm {2}\d+ bytes/)
    await mkdir(join(folder, 'built'))
    expect((await finished('build', 'mover.wasm', '-o', 'built')).code).toBe(0)
    expect((await finished('build', 'mover.wasm', '-o', 'other.wasm')).code).toBe(0)
    const files = await Promise.all(
      ['mover.component.wasm', 'built/mover.component.wasm', 'other.wasm'].map((name) => readFile(join(folder, name))),
    )
    expect(files[1]).toEqual(files[0])
    expect(files[2]).toEqual(files[0])
    // A core module, as it seems to what knows no components.
    expect(WebAssembly.validate(files[0] as Buffer<ArrayBuffer>)).toBe(true)
    const runtime = await WasmScriptRuntime.create({ world: createWorld(), components: defineComponents({ Position: { x: 'f32' } }) })
    const id = await runtime.loadModule({ url: pathToFileURL(join(folder, 'mover.component.wasm')), content: files[0] as Buffer })
    expect(runtime.script(id)).toMatchObject({ guest: 'component', name: 'mover' })
    runtime.dispose()
    await writeFile(join(folder, 'print.js'), "import mover from './mover.component.wasm?script'\nconsole.log(mover.name)")
    const { stdout } = await execute(process.execPath, ['--import', 'bitscript/register', 'print.js'], { cwd: folder })
    expect(stdout).toBe('mover\n')
  })

  it('that cannot be built are shown with the reason', async () => {
    await writeFile(join(folder, 'damaged.wasm'), (await mover(1)).slice(0, 60))
    await finished('build', 'mover.wasm', '-o', 'prepared.wasm')
    const { code, output } = await finished('build', 'prepared.wasm', 'gone.wasm', 'damaged.wasm', 'mover.wasm')
    expect(code).toBe(1)
    expect(output.match(/^[✓✗] \S+( \w+)?/gm)).toEqual([
      '✗ prepared.wasm InvalidOptions',
      '✗ gone.wasm LoadFailed',
      '✗ damaged.wasm InvalidBinary',
      '✓ mover.wasm',
    ])
    const several = await finished('build', 'mover.wasm', 'damaged.wasm', '-o', 'other.wasm')
    expect(several).toEqual({ code: 1, output: expect.stringMatching(/other\.wasm is no folder, which several files need/) })
    expect((await finished('build')).code).toBe(2)
  })

  it('run, with their kind in the report, and are replayed', async () => {
    const { code, output } = await finished('run', 'game.js', '--ticks', '5', '--record', 'game.rec')
    expect(code, output).toBe(0)
    expect(output).toContain('x 5\n')
    expect(output).toMatch(/^mover +component +1/m)
    expect(await finished('replay', 'game.rec')).toEqual({ code: 0, output: expect.stringContaining('✓ the world is the same') })
  })

  it('are reloaded by dev when their file is built again, and keep their state', async () => {
    const running = bitscript(folder, 'dev', 'game.js')
    await running.printed(/1 script runs: mover \(component\)/)
    await writeFile(join(folder, 'mover.wasm'), await mover(2))
    await running.printed(/mover\.wasm → generation 2, state restored/)
    await writeFile(join(folder, 'mover.wasm'), (await mover(3)).slice(0, 80))
    await running.printed(/mover\.wasm InvalidBinary\n.*\n.*generation 2 runs on/)
    await writeFile(join(folder, 'mover.wasm'), await mover(3))
    await running.printed(/mover\.wasm → generation 3, state restored/)
    running.process.kill('SIGINT')
    expect(await running.ended).toBe(0)
  })
})
