import { addComponent, addEntity, createWorld, entityExists, hasComponent, Prefab, removeComponent, removeEntity, type World } from 'bitecs'
import { defineComponents, type LoadOptions, WasmScriptRuntime } from 'bitscript'
import { storeOf } from '../../../src/runtime/script/store.ts'
import type { GroupChoice } from '../../../src/runtime/tick/group-choice.ts'
import { updateGroups } from '../../../src/runtime/tick/update-groups.ts'
import { assembleWat } from '../../../src/wasm/text/assemble.ts'
import { SeededRandom } from '../../wasm/differential/random.ts'
import { randomUpdate, UPDATE_COLUMNS } from './random-update.ts'

const CAPACITY = 205
const ENTITIES = 48
/** So many that a few groups may leave without ending vectors. */
const MANY_ENTITIES = 190
const TICKS = 3
const SPECIAL = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e-40, 2 ** 31, -(2 ** 31), 4e9]

/** The ways to run a script that must not differ. `choice` is how groups run, whatever takes the least time. */
interface Way {
  readonly name: string
  readonly options: LoadOptions
  readonly choice?: GroupChoice
}

const WAYS: readonly Way[] = [
  { name: 'one by one', options: { vector: false } },
  { name: 'masked', options: { vector: true }, choice: 'masked' },
  { name: 'full and masked', options: { vector: true }, choice: 'full and masked' },
  { name: 'host', options: { link: 'host' } },
]

interface Game {
  readonly way: Way
  readonly world: World
  readonly components: ReturnType<typeof makeComponents>
  readonly runtime: WasmScriptRuntime
  /** What scripts and the runtime told the host, in order. */
  readonly told: string[]
}

/** What came of a script. */
interface Outcome {
  readonly told: readonly string[]
  readonly columns: readonly (readonly number[])[]
  readonly fuel: readonly number[]
}

/** How a script was linked. */
interface How {
  readonly vector: boolean
  readonly loops: number
  readonly obstacle: { readonly why: string } | undefined
}

interface Run {
  readonly way: Way
  readonly outcome: Outcome
  readonly how: How | undefined
}

export interface VectorComparison {
  readonly text: string
  /** Whether it ran as vectors, or what prevented it. */
  readonly isVector: boolean
  readonly obstacle: string | undefined
  /** The first difference to running one by one; `undefined` if there is none. */
  readonly difference: string | undefined
}

function makeComponents() {
  return defineComponents({ ...UPDATE_COLUMNS, T: {} }, { capacity: CAPACITY, reserve: 65_536 })
}

async function makeGame(way: Way): Promise<Game> {
  const world = createWorld()
  const components = makeComponents()
  const told: string[] = []
  const note = (_: unknown, one: number, other: number): void => {
    told.push(`note ${one} ${other}`)
  }
  const change = (_: unknown, one: number, what: number): void => changeEntity(world, components, one, what)
  const runtime = await WasmScriptRuntime.create({ world, components, host: { game: { note, change } } })
  const { choice } = way
  if (choice !== undefined) {
    storeOf(runtime).updates = {
      updateGroups: (store, script, count, dt) => updateGroups(store, script, count, dt, () => choice),
      // The other ways have fast sets, so that those are compared with the sets of bitECS.
      speedUpQueries: () => undefined,
    }
  }
  runtime.on('error', ({ code, entity, detail }) => told.push(`${code} ${entity} ${detail}`))
  return { way, world, components, runtime, told }
}

/** Changes an entity as a function of the game may: adds and removes components, or the entity itself. Entity 0 and those of scripts stay. */
function changeEntity(world: World, components: Game['components'], one: number, what: number): void {
  const entity = one & 127
  if (!entityExists(world, entity) || !hasComponent(world, entity, components.A)) return
  const { T, B } = components
  const component = (what & 8) === 0 ? T : B
  if ((what & 7) === 0) addComponent(world, entity, Prefab)
  else if ((what & 7) === 1) removeEntity(world, entity)
  else if (hasComponent(world, entity, component)) removeComponent(world, entity, component)
  else addComponent(world, entity, component)
}

/** Compares scripts in games that are made once. */
export class VectorDifferential {
  readonly #games: readonly Game[]

  private constructor(games: readonly Game[]) {
    this.#games = games
  }

  static async create(): Promise<VectorDifferential> {
    return new VectorDifferential(await Promise.all(WAYS.map(makeGame)))
  }

  /** Runs the update of a seed in each way. */
  async compare(seed: number): Promise<VectorComparison> {
    const text = randomUpdate(seed)
    const bytes = await assembleWat(text, 'update.wat')
    const runs: Run[] = []
    for (const game of this.#games) runs.push(await run(game, bytes, seed))
    const [expected, ...others] = runs as [Run, ...Run[]]
    const link = others[0]?.how
    const differences = others.map(({ way, outcome }) => differenceOf(way.name, outcome, expected.outcome))
    return {
      text,
      isVector: link?.vector === true || (link?.loops ?? 0) > 0,
      obstacle: link?.obstacle?.why,
      difference: differences.find(Boolean),
    }
  }

  dispose(): void {
    for (const { runtime } of this.#games) runtime.dispose()
  }
}

async function run({ way, world, components, runtime, told }: Game, bytes: Uint8Array<ArrayBuffer>, seed: number): Promise<Run> {
  const random = new SeededRandom(seed)
  told.length = 0
  fill(components, random)
  const fuel = random.below(3) === 0 ? 50 + random.below(4_000) : 10_000_000
  const onFault = random.below(2) === 0 ? 'detach' : 'stop'
  const id = await runtime.loadModule(bytes, { ...way.options, name: 'update', onFault, limits: { fuel } })
  // Ids are used again in any order.
  const entities = choose(
    Array.from({ length: random.below(2) === 0 ? MANY_ENTITIES : ENTITIES }, () => addEntity(world)).sort((one, other) => one - other),
    random,
  )
  for (const entity of entities) {
    addComponent(world, entity, components.A)
    if (random.below(2) === 0) addComponent(world, entity, components.T)
    if (random.below(4) === 0) addComponent(world, entity, components.B)
    runtime.attach(entity, id)
    // A query has those that become prefabs later, and no observer hears of their components.
    if (random.below(200) === 0) addComponent(world, entity, Prefab)
  }
  const own = runtime.script(id).entity
  if (random.below(8) === 0) for (const component of [runtime.tag(id), components.T]) addComponent(world, own, component)
  const spent: number[] = []
  for (let tick = 0; tick < TICKS; tick++) {
    runtime.tick(0.25 * (tick + 1))
    spent.push(runtime.script(id).stats.fuel)
    // Some come and go between ticks.
    const gone = entities[random.below(entities.length)] as number
    if (random.below(2) === 0 && entityExists(world, gone)) runtime.detach(gone, id)
    changeEntity(world, components, random.below(128), random.next())
  }
  const how = runtime.script(id).link
  const columns = Object.values(components).flatMap((component) => Object.values(component).map((column) => [...(column as Float32Array)]))
  runtime.unloadModule(id)
  for (let entity = 1; entity < CAPACITY + 1; entity++) {
    try {
      removeEntity(world, entity)
    } catch {
      // It was not there.
    }
  }
  runtime.tick(0)
  return { way, outcome: { told: [...told], columns, fuel: spent }, how }
}

/** Returns some of the entities: all, all but a few, every other one; sometimes shuffled. */
function choose(entities: readonly number[], random: SeededRandom): readonly number[] {
  const share = [1, 20, 4, 2][random.below(4)] as number
  const chosen = entities.filter(() => share === 1 || random.below(share) > 0 || share === 2)
  if (random.below(3) > 0) return chosen
  return chosen
    .map((entity) => [random.next(), entity] as const)
    .sort(([one], [other]) => one - other)
    .map(([, entity]) => entity)
}

function fill(components: Game['components'], random: SeededRandom): void {
  const numbers: Record<string, { [place: number]: number }> = { ...components.A, ...components.B }
  for (const [name, column] of Object.entries(numbers)) {
    for (let place = 0; place < CAPACITY; place++) {
      const isFloat = 'fgd'.includes(name)
      if (name === 'o') column[place] = random.below(40) === 0 ? random.next() : random.below(CAPACITY)
      else if (isFloat && random.below(8) === 0) column[place] = SPECIAL[random.below(SPECIAL.length)] as number
      else column[place] = isFloat ? (random.below(2_000) - 1_000) / 8 : random.next()
    }
  }
}

function differenceOf(way: string, one: Outcome, other: Outcome): string | undefined {
  const [a, b] = [one, other].map((outcome) => JSON.stringify(outcome, (_, value) => (typeof value === 'number' ? label(value) : value)))
  if (a === b) return undefined
  const parts = (['told', 'fuel', 'columns'] as const).filter((part) => JSON.stringify(one[part]) !== JSON.stringify(other[part]))
  return `${way} differs in ${parts.join(', ')}: ${JSON.stringify({ one: one.told, other: other.told, fuel: [one.fuel, other.fuel] }).slice(0, 600)}`
}

/** Returns a number as text that tells -0 and NaN apart from others. */
function label(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}
