import { addComponent, addEntity, createWorld } from 'bitecs'
import { defineComponents, type ModSource, Mods, WasmScriptRuntime } from 'bitscript'
import { measure, type Side, type Timing } from '../measure.ts'
import type { Suite, SuiteContext } from '../suite.ts'
import { TICK_SECONDS } from '../systems/stage.ts'
import { formatNanoseconds, type Table } from '../table.ts'

const ACTORS = 20
const MESSAGES = 1000
const COMPONENTS = 25
const FIELDS = ['a', 'b', 'c', 'd'] as const
const ENTITIES = 10_000
const MODS = 50

/** A game, and what to do before each of its ticks. */
interface Game {
  readonly name: string
  readonly runtime: WasmScriptRuntime
  readonly before?: () => void
}

export const mods: Suite = {
  name: 'mods',
  about: 'a tick with messages of actors, with hooked columns, and with many mods, beside the same without',
  async run(context) {
    const groups = [
      { title: `mods: a tick with ${ACTORS} actors`, games: await gamesOfActors() },
      {
        title: `mods: a tick with ${COMPONENTS * FIELDS.length} columns of ${ENTITIES.toLocaleString('en')} entities`,
        games: await gamesOfHooks(),
      },
      { title: `mods: a tick with ${MODS} scripts`, games: await gamesOfMods() },
    ]
    const tables: Table[] = []
    const data: (readonly Timing[])[] = []
    for (const { title, games } of groups) {
      const timings = await measureTicks(games, title, context)
      data.push(timings)
      tables.push({ title, columns: ['', 'a tick'], rows: timings.map(({ name, median }) => [name, formatNanoseconds(median)]) })
    }
    return { tables, data }
  },
}

async function measureTicks(games: readonly Game[], title: string, { scale, progress }: SuiteContext): Promise<readonly Timing[]> {
  progress(title)
  const sides = games.map(
    ({ name, runtime, before }): Side => ({
      name,
      run(times) {
        for (let left = times; left > 0; left--) {
          before?.()
          runtime.tick(TICK_SECONDS)
        }
      },
    }),
  )
  const timings = await measure(sides, scale.effort)
  for (const { name, runtime } of games) {
    const faulted = runtime.scripts().find(({ status }) => status !== 'active')
    if (faulted !== undefined) throw new Error(`${name}: ${faulted.name} is ${faulted.status}: ${faulted.fault?.message}`)
    runtime.dispose()
  }
  return timings
}

/** Returns an actor that returns the same text each time. */
function actorOf(result: unknown): string {
  const metadata = '{"name":"actor","version":"1.0.0"}'
  const text = JSON.stringify(result)
  const quoted = (value: string): string => `"${value.replaceAll('"', '\\"')}"`
  return `(module (memory (export "memory") 2) (data (i32.const 0) ${quoted(metadata)}) (data (i32.const 1024) ${quoted(text)})
    (func (export "get_metadata") (result i32 i32) (i32.const 0) (i32.const ${metadata.length}))
    (func (export "process") (param i32 i32) (result i32 i32) (i32.const 1024) (i32.const ${text.length})))`
}

async function gamesOfActors(): Promise<readonly Game[]> {
  const share = MESSAGES / ACTORS
  const kinds = [
    { name: 'that answer nothing', result: () => null },
    {
      name: `that send ${MESSAGES.toLocaleString('en')} messages`,
      result: (index: number) => ({
        send: Array.from({ length: share }, (_, data) => ({ to: `actor ${(index + 1) % ACTORS}`, topic: 'count', data })),
      }),
    },
  ]
  const games: Game[] = []
  for (const { name, result } of kinds) {
    const runtime = await WasmScriptRuntime.create({ world: createWorld(), components: defineComponents({ Position: { x: 'f32' } }) })
    for (let index = 0; index < ACTORS; index++)
      await runtime.loadModule(actorOf(result(index)), { name: `actor ${index}`, actor: { query: 'Position' } })
    games.push({ name, runtime })
  }
  return games
}

async function gamesOfHooks(): Promise<readonly Game[]> {
  const kinds = [
    { name: 'without hooks', isHooked: false, changes: 0 },
    { name: 'without hooks, of which one value in a hundred changes', isHooked: false, changes: ENTITIES / 100 },
    { name: 'with a hook on each', isHooked: true, changes: 0 },
    { name: 'with a hook on each, of which one value in a hundred changes', isHooked: true, changes: ENTITIES / 100 },
  ]
  const games: Game[] = []
  for (const { name, isHooked, changes } of kinds) {
    const fields = Object.fromEntries(FIELDS.map((field) => [field, 'f32' as const]))
    const schema = Object.fromEntries(Array.from({ length: COMPONENTS }, (_, index) => [`C${index}`, fields]))
    const components = defineComponents(schema, { capacity: ENTITIES + 100 })
    const world = createWorld()
    const runtime = await WasmScriptRuntime.create({ world, components })
    for (let count = 0; count < ENTITIES; count++) {
      const entity = addEntity(world)
      for (const component of Object.values(components)) addComponent(world, entity, component)
    }
    const hooks = Object.keys(schema).flatMap((each) =>
      FIELDS.map((field) => ({ on: 'change' as const, component: `${each}.${field}`, export: 'changed' })),
    )
    await runtime.loadModule('(module (func (export "changed") (param i32 f32 f32)))', { name: 'watcher', ...(isHooked && { hooks }) })
    const columns = Object.values(components).flatMap((component) => FIELDS.map((field) => component[field] as Float32Array))
    const before = (): void => {
      for (const column of columns) for (let entity = 100; entity < 100 + changes; entity++) column[entity] = (column[entity] as number) + 1
    }
    games.push({ name, runtime, before })
  }
  return games
}

async function gamesOfMods(): Promise<readonly Game[]> {
  const source = '(module (func (export "tick") (param f32)))'
  const scripts = await WasmScriptRuntime.create({ world: createWorld() })
  for (let index = 0; index < MODS; index++) await scripts.loadModule(source, { name: `script ${index}` })
  const withMods = await WasmScriptRuntime.create({ world: createWorld() })
  const sources = Array.from(
    { length: MODS },
    (_, index): ModSource => ({ manifest: { name: `mod ${index}`, version: '1.0.0', source: { text: source } } }),
  )
  const loaded = new Mods(withMods)
  await loaded.load(sources)
  const disabled = await WasmScriptRuntime.create({ world: createWorld() })
  const others = new Mods(disabled)
  await others.load(sources)
  for (const { name } of others.list()) others.disable(name)
  return [
    { name: 'loaded by loadModule', runtime: scripts },
    { name: 'loaded as mods', runtime: withMods },
    { name: 'loaded as mods, and disabled', runtime: disabled },
  ]
}
