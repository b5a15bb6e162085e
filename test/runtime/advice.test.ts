import { addEntity } from 'bitecs'
import { defineComponents, Recorder, Replay, Snapshot } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { createGame, errorOf } from '../fixtures/game.ts'
import { counterScript, tickScript } from '../fixtures/scripts.ts'

// What a message tells the reader to do must be what mends it.

describe('an entity or an index that is out of range', () => {
  const QUERY =
    '(import "ecs.query" "Position" (func $query (result i32))) (import "ecs.entity" "Position" (func $entity (param i32) (result i32)))'
  const GET = '(import "ecs.get" "Position.x" (func $get (param i32) (result f32)))'

  it('past the end of a query does not speak of capacity', async () => {
    const { world, components, runtime, errors } = await createGame()
    addEntity(world, components.Position)
    await runtime.loadModule(tickScript('(drop (call $entity (call $query)))', QUERY))
    runtime.tick(1)
    expect(errors[0]?.message).toMatch(
      /the index 1 is outside the result of the query 'Position', which has 1 entities\. Use .* an index that is in range\./,
    )
    expect(errors[0]?.message).not.toMatch(/capacity/)
  })

  it('that does not exist does not speak of raising the capacity', async () => {
    const { runtime, errors } = await createGame()
    await runtime.loadModule(tickScript('(drop (call $get (i32.const -1)))', GET))
    runtime.tick(1)
    expect(errors[0]?.message).toMatch(/the entity 4294967295 is not below the capacity of 1000\. Use an entity that exists/)
  })

  it('that exists and has no room says which option to raise', async () => {
    const components = defineComponents({ Position: { x: 'f32' } }, { capacity: 2, reserve: 0 })
    const { world, runtime, errors } = await createGame({ components })
    const [, far] = [addEntity(world), addEntity(world)]
    const id = await runtime.loadModule(tickScript(`(drop (call $get (i32.const ${far})))`, GET))
    runtime.tick(1)
    const advice = /is not below the capacity of 2; raise the option capacity of defineComponents\./
    expect(errors[0]?.message).toMatch(advice)
    for (const work of [() => runtime.attach(far, id), () => runtime.write(far, { Position: { x: 1 } })])
      expect((await errorOf(work)).message).toMatch(advice)
    expect((await errorOf(() => runtime.spawn())).message).toMatch(/the capacity is 2; raise the option capacity of defineComponents/)
  })

  it('past a plain typed array speaks of the array', async () => {
    const { world, runtime, errors } = await createGame({ components: { Position: { x: new Float32Array(2) } } })
    const entities = [addEntity(world), addEntity(world)]
    await runtime.loadModule(tickScript(`(drop (call $get (i32.const ${entities[1]})))`, GET))
    runtime.tick(1)
    expect(errors[0]?.detail).toBe("the entity 2 is not below the length of the component's array, which is 2; make the array longer")
  })
})

describe('the advice of an error', () => {
  it('of a reload that was overtaken is to do nothing', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule(counterScript())
    const [first] = [errorOf(runtime.reloadModule(id, counterScript(2))), runtime.reloadModule(id, counterScript(3))]
    expect((await first).message).toMatch(
      /a later reload of the script overtook this one: do nothing\. .*unless the message says what else to do\. \[LoadFailed\]$/,
    )
  })

  it('of what the host did wrong speaks of the game, not of host functions alone', async () => {
    let nested: Promise<Error> | undefined
    const tick = (): void => {
      nested = errorOf(() => second.runtime.tick(1))
    }
    const second = await createGame({ host: { test: { tick } } })
    await second.runtime.loadModule(tickScript('(call $tick)', '(import "test" "tick" (func $tick))'))
    second.runtime.tick(1)
    expect((await nested)?.message).toBe(
      'tick was called while scripts are running. Correct the code of the game: the fault is not in the script. [HostError]',
    )
  })

  it('in init or set_state is for the host if a function of the host threw', async () => {
    const { runtime } = await createGame({
      host: {
        test: {
          fail() {
            throw new Error('no')
          },
        },
      },
    })
    const failing = (name: string, type: string): string =>
      `(module (import "test" "fail" (func $fail)) (memory (export "memory") 1) (func (export "${name}") ${type} (call $fail)))`
    const host = { code: 'HostError', detail: "the host function test.fail threw 'no'" }
    expect(await errorOf(runtime.loadModule(failing('init', '')))).toMatchObject({ ...host, export: 'init' })
    const id = await runtime.loadModule(counterScript())
    expect(await errorOf(runtime.reloadModule(id, failing('set_state', '(param i32 i32)')))).toMatchObject({ ...host, export: 'set_state' })
  })

  it('of a replay that was ended is to begin another, not another runtime', async () => {
    const { runtime } = await createGame()
    const recording = new Recorder(runtime).stop()
    const replay = await Replay.begin(runtime, recording)
    replay.end()
    const { message } = await errorOf(replay.step())
    expect(message).toMatch(/begin another/)
    expect(message).not.toMatch(/runtime/)
  })

  it('of a snapshot of another game does not speak of set_state alone', async () => {
    const { runtime } = await createGame()
    const other = await createGame({ components: defineComponents({ Other: { x: 'f32' } }, { capacity: 10, reserve: 0 }) })
    addEntity(other.world, (other.runtime.components as { Other: object }).Other)
    const bytes = other.runtime.snapshot().toBytes()
    expect((await errorOf(() => runtime.restore(Snapshot.fromBytes(bytes)))).message).toMatch(
      /a snapshot of the same game\. \[StateRejected\]$/,
    )
  })

  it('of a snapshot of a game with more room says which option to raise, not to use another snapshot', async () => {
    const roomy = defineComponents({ Position: { x: 'f32' } }, { capacity: 100, reserve: 0 })
    const large = await createGame({ components: roomy })
    for (let entities = 0; entities < 50; entities++) addEntity(large.world, roomy.Position)
    const bytes = large.runtime.snapshot().toBytes()
    const small = await createGame({ components: defineComponents({ Position: { x: 'f32' } }, { capacity: 10, reserve: 0 }) })
    const { detail } = await errorOf(() => small.runtime.restore(Snapshot.fromBytes(bytes)))
    expect(detail).toMatch(/the entity 50 has the component 'Position', and the capacity is 10\. Raise capacity in defineComponents$/)
  })

  it('of JSON that the host cannot pass does not tell the script to return it', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule('(module (memory (export "memory") 1) (func (export "take") (param i32 i32)))')
    const circular: { self?: object } = {}
    circular.self = circular
    expect((await errorOf(() => runtime.callJson(id, 'take', circular))).message).toMatch(/Give JSON/)
  })

  it('of a path that is given as text is to pass a URL', async () => {
    const { runtime } = await createGame()
    for (const path of ['./mover.wat', '/my games/mover.wat', 'C:\\games\\mover (1).wasm'])
      expect((await errorOf(runtime.loadModule(path))).detail).toMatch(/a string is read as WAT text: pass a URL to load a file$/)
  })
})
