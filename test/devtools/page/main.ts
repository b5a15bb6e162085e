import { addEntity, createRelation, createWorld, type World } from 'bitecs'
import type { ScriptId } from 'bitscript'
import * as devtools from '../../../src/devtools/index.ts'
import * as bitscript from '../../../src/index.ts'
import { counter, doors, faulty, keys, mover } from './scripts.ts'

const { WasmScriptRuntime, defineComponents } = bitscript

const schema = { Position: { x: 'f32', y: 'f32' }, Velocity: { x: 'f32', y: 'f32' }, Dead: {} } as const
const components: bitscript.DefinedComponents<typeof schema> = defineComponents(schema, { capacity: 4096 })
const world: World = createWorld()
const relations = { Follows: createRelation(), Owes: createRelation({ store: () => ({ amount: [] as number[] }) }) }
// The tests know neither the components nor the relations by type.
const runtime = (await WasmScriptRuntime.create({ world, components, relations, seed: 1 })) as bitscript.WasmScriptRuntime

/** The number of the runtime's listeners, by event. */
const listeners: Record<string, number> = {}
const on = runtime.on.bind(runtime)
// The tests expect an empty console.
on('error', () => undefined)
on('log', () => undefined)
runtime.on = (name, listener, options) => {
  listeners[name] = (listeners[name] ?? 0) + 1
  const off = on(name, listener, options)
  let isOn = true
  return () => {
    if (isOn) listeners[name] = (listeners[name] ?? 0) - 1
    isOn = false
    off()
  }
}

/** Running timers. */
const intervals: Set<unknown> = new Set<unknown>()
const { setInterval: start, clearInterval: end } = globalThis
globalThis.setInterval = ((work: () => void, time: number) => {
  const id = start(work, time)
  intervals.add(id)
  return id
}) as typeof setInterval
globalThis.clearInterval = (id) => {
  intervals.delete(id)
  end(id as number)
}

const scripts: Readonly<Record<'mover' | 'counter' | 'faulty', string>> = { mover, counter, faulty }
const load = (name: keyof typeof scripts): Promise<number> =>
  runtime.loadModule({ url: new URL(`/scripts/${name}.wat`, location.href), content: scripts[name] })
const ids: Record<keyof typeof scripts, number> = {
  mover: await load('mover'),
  counter: await load('counter'),
  faulty: await load('faulty'),
}

for (let index = 0; index < 250; index++) {
  const entity = addEntity(world, components.Position, components.Velocity)
  components.Position.x[entity] = index
  components.Velocity.x[entity] = 60
  if (index % 10 === 0) runtime.write(entity, { Dead: {} })
  if (index < 3) runtime.attach(entity, ids.mover as ScriptId)
}

const controls: devtools.TimeControls & { steps: number } = {
  paused: false,
  speed: 1,
  steps: 0,
  step() {
    this.steps++
    runtime.tick(1 / 60)
  },
}
function frame(): void {
  if (!controls.paused) runtime.tick(1 / 60)
  requestAnimationFrame(frame)
}
requestAnimationFrame(frame)

/** Loads two mods, one of which requires the other. */
async function loadMods(): Promise<bitscript.Mods> {
  const mods = new bitscript.Mods(runtime)
  await mods.load([doors, keys])
  return mods
}

/** What the inspector asked the game to do, in order. */
const asked: unknown[] = []
/** Options of the inspector by which it asks the game. */
const hooks: Pick<devtools.InspectorOptions, 'openSource' | 'pick' | 'mark' | 'inset'> = {
  openSource: ({ script, location: { line, column }, fault }) => asked.push(['open', script, line, column, fault?.code]),
  // The tests draw the entity at the upper edge that has the number of the column.
  pick: (x, y) => (y < 10 ? x : undefined),
  mark: (entity) => asked.push(['mark', entity]),
  inset: (inset) => asked.push(['inset', inset]),
}

/** The parts of the page that tests use. */
export interface TestPage {
  readonly loadMods: typeof loadMods
  readonly asked: typeof asked
  readonly hooks: typeof hooks
  readonly bitscript: typeof bitscript
  readonly devtools: typeof devtools
  readonly scripts: typeof scripts
  readonly runtime: bitscript.WasmScriptRuntime
  readonly world: typeof world
  readonly components: typeof components
  readonly controls: typeof controls
  readonly listeners: typeof listeners
  readonly intervals: typeof intervals
  readonly ids: typeof ids
}
const game: TestPage = {
  loadMods,
  asked,
  hooks,
  bitscript,
  devtools,
  scripts,
  runtime,
  world,
  components,
  controls,
  listeners,
  intervals,
  ids,
}
Object.assign(globalThis, { game })
