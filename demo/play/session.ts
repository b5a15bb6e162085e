import { hashWorld, listComponents, Mods, type ScriptAsset, ScriptError, type ScriptSource } from 'bitscript'
import { createSimulation, type Game, type GameOptions, SCRIPTS, type ScriptName } from '../sim/index.ts'
import type { Wish } from '../sim/input.ts'
import { Motion } from '../view/motion.ts'
import { TICK_SECONDS } from './loop.ts'

/** A game with the input of a player. */
export interface Session {
  readonly game: Game
  /** The mods of the game, if there are any. */
  readonly mods: Mods | undefined
  readonly motion: Motion
  /** Runs one tick with this input. */
  step(wish: Wish): void
}

const IDLE: Wish = { x: 0, y: 0, fire: false }

function isSame(one: Wish, other: Wish): boolean {
  return (['x', 'y', 'fire', 'dash', 'aimX', 'aimY'] as const).every((key) => one[key] === other[key])
}

/** The scripts of the game, as the page imports them. With `?guests` in its address, guests take the place of some. */
export const ASSETS: Readonly<Record<ScriptName, ScriptAsset>> = scriptAssets(new URLSearchParams(location.search).has('guests'))

/** Whether the mods in demo/mods/ are loaded: with `?mods` in the address of the page. */
export const WITH_MODS: boolean = new URLSearchParams(location.search).has('mods')
const MODS = import.meta.glob<ScriptAsset>('../mods/*.script.json', { query: '?script', import: 'default' })

/** The modules of the scripts, which a build fetches once: a later game needs no network. */
const modules = new Map<ScriptName, Uint8Array>()

/** Resolves with the import of a script, and its module. Rejects with `LoadFailed`. */
export async function loadAsset(name: ScriptName): Promise<ScriptAsset> {
  const asset = ASSETS[name]
  if (asset.bytes !== undefined) return asset
  const bytes = modules.get(name) ?? (await fetchModule(asset.url))
  modules.set(name, bytes)
  return { ...asset, bytes }
}

async function fetchModule(url: string): Promise<Uint8Array> {
  const response = await fetch(url).catch((cause: unknown) => {
    throw new ScriptError('LoadFailed', `${url} could not be fetched`, { cause })
  })
  if (!response.ok) throw new ScriptError('LoadFailed', `${url} has the status ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
}

/** Creates a game whose log lines go to the inspector alone, and not to the console. */
async function createQuietGame(options: GameOptions): Promise<Game> {
  const game = await createSimulation(options)
  game.runtime.on('log', () => undefined)
  return game
}

/** Creates a game and loads its scripts: those of the files, or the sources that are given, which may add others. Rejects with the mistake of a script. */
export async function startSession({
  texts,
  ...options
}: Omit<GameOptions, 'recorded' | 'scripts' | 'added'> & { readonly texts: ReadonlyMap<string, ScriptSource> }): Promise<Session> {
  const sources = await Promise.all(SCRIPTS.map(async (name) => [name, texts.get(name) ?? (await loadAsset(name))] as const))
  const scripts = Object.fromEntries(sources) as Record<ScriptName, ScriptSource>
  const added = new Map([...texts].filter(([name]) => !(SCRIPTS as readonly string[]).includes(name)))
  const game = await createQuietGame({ ...options, scripts, added, recorded: [] })
  let mods: Mods | undefined
  try {
    await game.load()
    if (WITH_MODS) mods = await loadMods(game)
  } catch (error) {
    game.runtime.dispose()
    throw error
  }
  const motion = new Motion(game)
  let last = IDLE
  return {
    game,
    mods,
    motion,
    step(wish) {
      if (!isSame(wish, last)) game.input(wish)
      last = wish
      motion.remember()
      game.step(TICK_SECONDS)
    },
  }
}

/** Loads the mods of the folder, which begin to run. */
async function loadMods(game: Game): Promise<Mods> {
  const assets = await Promise.all(Object.values(MODS).map((load) => load()))
  const mods = new Mods(game.runtime)
  await mods.load(assets)
  await game.useMods?.(mods)
  return mods
}

/**
 * Resolves with the hash of the world after a number of ticks of the recorded input, with the mods if the page has them. It is the same in Node.
 * `others` take the place of scripts.
 */
export async function hashAfter(ticks: number, seed: number, others: Partial<Record<ScriptName, ScriptSource>> = {}): Promise<string> {
  const game = await createQuietGame({ seed, scripts: { ...ASSETS, ...others } })
  await game.load()
  if (WITH_MODS) await loadMods(game)
  for (let tick = 0; tick < ticks; tick++) game.step(TICK_SECONDS)
  const hash = hashWorld(game.world, listComponents(game.runtime), game.runtime.relations)
  game.runtime.dispose()
  return hash
}

function scriptAssets(withGuests: boolean): Record<ScriptName, ScriptAsset> {
  const scripts = import.meta.glob<ScriptAsset>('../../scripts-wat/*.wat', { query: '?script', import: 'default', eager: true })
  const guests = import.meta.glob<ScriptAsset>('../guests/**/*.wasm', { query: '?script', import: 'default', eager: true })
  const found = [...Object.values(scripts), ...(withGuests ? Object.values(guests) : [])]
  const assets: Partial<Record<string, ScriptAsset>> = Object.fromEntries(found.map((asset) => [asset.name, asset]))
  for (const name of SCRIPTS) if (assets[name] === undefined) throw new Error(`the script ${name} is missing`)
  return assets as Record<ScriptName, ScriptAsset>
}
