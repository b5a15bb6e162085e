import { addEntity, createWorld } from 'bitecs'
import { defineComponents, hashWorld, type LoadOptions, type ScriptError, type ScriptId, WasmScriptRuntime } from 'bitscript'
import { profile } from 'bitscript/debug'
import { expect } from 'vitest'
import { Tracer } from '../../../src/debug/trace/tick-tracer.ts'
import { TraceBuffer } from '../../../src/debug/trace/trace-buffer.ts'
import { WHOLE } from '../../../src/debug/trace/trace-request.ts'
import type { GuestInstance } from '../../../src/guest/guest.ts'
import type { ScriptSource } from '../../../src/runtime/load/script-source.ts'
import { type Store, storeOf } from '../../../src/runtime/script/store.ts'
import type { TestLink } from '../../fixtures/game.ts'

/** A game whose ticks run plain and traced, with each amount of fuel from the same start. */
export interface SweptGame {
  /** The scripts by name, in the order in which they are loaded. */
  readonly scripts: Readonly<Record<string, ScriptSource>>
  readonly options?: Omit<LoadOptions, 'grant'>
  readonly link: TestLink
  readonly fuels: readonly number[]
}

/** The ticks that each amount of fuel is given. */
const TICKS = 2
const BYTES = 256 * 1024
const RESERVE = 4 * 1024 * 1024

/** How a game runs: as it is, with code that leaves records, or with code that counts. */
type Way = 'plain' | 'traced' | 'profiled'

/** Runs a game plain and another way, and expects that they do the same. Returns the number of records, and whether plain code ran on several entities at once. */
export async function compareTraced(
  game: SweptGame,
  way: Way = 'traced',
): Promise<{ readonly records: number; readonly hasVectors: boolean }> {
  const [plain, traced] = [await createSwept(game, 'plain'), await createSwept(game, way)]
  let records = 0
  const compare = (fuel: number): void => {
    const [one, other] = [plain.run(fuel), traced.run(fuel)]
    expect(other.ticks, `with ${fuel} units`).toEqual(one.ticks)
    records += other.records
  }
  for (const fuel of game.fuels) compare(fuel)
  traced.stop()
  compare(game.fuels.at(-1) ?? 0)
  plain.dispose()
  traced.dispose()
  return { records, hasVectors: plain.hasVectors }
}

interface Swept {
  /** Runs ticks from the start. Returns all that can be observed of each. */
  readonly run: (fuel: number) => { readonly ticks: readonly unknown[]; readonly records: number }
  /** Runs it plain from now on. */
  readonly stop: () => void
  readonly hasVectors: boolean
  readonly dispose: () => void
}

async function createSwept({ scripts, options = {}, link }: SweptGame, way: Way): Promise<Swept> {
  const components = defineComponents(
    { Position: { x: 'f32', y: 'f64' }, Health: { points: 'i32', small: 'u8' }, Dead: {} },
    { capacity: 64, reserve: RESERVE },
  )
  const world = createWorld()
  const plain = { hp: [] as number[] }
  const told: unknown[] = []
  const ids: ScriptId[] = []
  const host = {
    game: {
      twice: (_: unknown, value: number) => 2 * value,
      ask: (_: unknown, value: number) => runtime.call(ids[0] as ScriptId, 'answer', value) as number,
      fail: () => {
        throw new Error('no')
      },
    },
  }
  const runtime: WasmScriptRuntime = await WasmScriptRuntime.create({
    ...{ world, components: { ...components, plain }, host, seed: 5, clock: () => 0 },
    limits: { memoryPages: 2, jsonBytes: 1024 },
  })
  runtime.on('error', (error) => told.push(describe(error)))
  for (const name of ['log', 'event'] as const) runtime.on(name, (payload) => told.push([name, payload]))
  for (const [name, source] of Object.entries(scripts)) ids.push(await runtime.loadModule(source, { name, link, probation: 0, ...options }))
  for (let count = 0; count < 3; count++) {
    const entity = addEntity(world, components.Position, components.Health, plain)
    components.Position.x[entity] = count
    plain.hp[entity] = count
    for (const id of ids) runtime.attach(entity, id)
  }
  const store = storeOf(runtime)
  const start = runtime.snapshot()
  const refuse = (): never => {
    throw new Error('there is no room for the trace')
  }
  const trace = way === 'traced' ? new TraceBuffer(store.ecs.components.reserve, BYTES, refuse) : undefined
  const request = { scripts: undefined, reads: true, lines: true, locals: true, calls: true, writes: true }
  let tracer = trace && (await Tracer.create(store, trace, request))
  expect(tracer?.untraced ?? []).toEqual([])
  const profiled = way === 'profiled' ? await profile(runtime) : undefined
  expect(profiled?.unprofiled ?? []).toEqual([])
  const observe = (report: unknown): unknown => ({
    report,
    told: told.splice(0),
    hash: hashWorld(world, { ...components, plain }),
    scripts: store.scripts.map((script) => ({
      stats: { ...script.lastStats },
      status: script.status,
      fault: script.fault && describe(script.fault),
      random: [...script.random.save()],
      instances: instancesOf(store, script.name),
    })),
    events: store.events.save(),
  })
  return {
    hasVectors: store.scripts.some(({ running }) => running?.generation.program.link.vector === true),
    run(fuel) {
      runtime.restore(start)
      for (const script of store.scripts)
        Object.assign(script, { options: { ...script.options, limits: { ...script.options.limits, fuel } } })
      runtime.emit('hit', 1, 2)
      const ticks: unknown[] = []
      let records = 0
      for (let tick = 0; tick < TICKS; tick++) {
        const step = (): void => {
          ticks.push(runtime.tick(1 / 64))
        }
        if (tracer === undefined) step()
        else {
          const leave = tracer.enter()
          records += tracer.record(WHOLE, step).total
          leave()
        }
        ticks.push(observe(ticks.pop()))
      }
      return { ticks, records: records + (profiled?.lines().filter(({ hits }) => hits > 0).length ?? 0) }
    },
    stop() {
      profiled?.stop()
      tracer?.dispose()
      tracer = undefined
    },
    dispose() {
      trace?.dispose()
      runtime.dispose()
    },
  }
}

function describe({ code, message, entity, location, frame, trace, export: name }: ScriptError): unknown {
  return { code, message, entity, location, frame, trace, name }
}

function instancesOf(store: Store, name: string): unknown {
  const { running } = store.scripts.find((each) => each.name === name) ?? {}
  return running && [running.instance, ...running.entityInstances.values()].map(stateOf)
}

/** Returns the state of an instance as values that can be compared. */
function stateOf({ state, pages, variables }: GuestInstance): unknown {
  const { memories, globals, vectors, tables } = state.save()
  return {
    pages,
    memories: memories.map((parts) => parts.map((part) => checksum(part.read()))),
    globals: [...globals].map(([index, { value, functionIndex }]) => [index, functionIndex ?? value]),
    vectors: [...vectors],
    tables: tables.map((cells) => cells.map(({ functionIndex }) => functionIndex ?? null)),
    variables: variables && [...variables],
  }
}

function checksum(bytes: Uint8Array): number {
  let sum = bytes.length
  for (const byte of bytes) if (byte !== 0) sum = (Math.imul(sum, 31) + byte) | 0
  return sum
}
