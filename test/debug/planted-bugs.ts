import { fileURLToPath } from 'node:url'
import { Recorder, type Recording } from 'bitscript'
import type { SimulationOptions } from 'bitscript/node'
import * as eventHandledTwice from './planted-bugs/event-handled-twice.ts'
import { PLAYER, type PlantedGame } from './planted-bugs/game.ts'
import * as hostWrite from './planted-bugs/host-write.ts'
import * as reloadMigration from './planted-bugs/reload-migration.ts'
import * as wrongIndex from './planted-bugs/wrong-index.ts'
import * as wrongOrder from './planted-bugs/wrong-order.ts'

/** Who set a field. */
export interface PlantedAnswer {
  readonly tick: number
  /** The name of the script, or `host`. */
  readonly by: string
  readonly old: number
  readonly value: number
  /** The function and its line; left out for the host. */
  readonly function?: string
  readonly line?: number
}

/**
 * A small game that goes wrong, the question to which that leads, and its answer. Its module exports `createSimulation`, so that the command
 * line runs it, too. `bitscript run` does not wait for reloads: {@link recordPlantedBug} makes the recording with the answer.
 */
export interface PlantedBug {
  readonly name: string
  /** The path of its module. */
  readonly file: string
  readonly createSimulation: (options: SimulationOptions) => Promise<PlantedGame>
  readonly question: string
  readonly field: string
  readonly entity: number
  /** The last write within 600 ticks. */
  readonly answer: PlantedAnswer
}

/** The ticks after which the question is asked. */
export const PLANTED_TICKS = 600

type Sources = Readonly<Record<string, string>>

/** Returns the number of the line of a script that has a text. */
function lineOf(sources: Sources, script: string, text: string): number {
  return (sources[script] ?? '').split('\n').findIndex((line) => line.includes(text)) + 1
}

const fileOf = (name: string): string => fileURLToPath(new URL(`./planted-bugs/${name}.ts`, import.meta.url))
const COMMON = { question: 'Who set the points of the player to -1?', field: 'Health.points', entity: PLAYER } as const

/** Games with a mistake of a kind each. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    ...COMMON,
    ...{ name: 'a wrong index', file: fileOf('wrong-index'), createSimulation: wrongIndex.createSimulation },
    answer: {
      ...{ tick: 480, by: 'poison', old: 0, value: -1, function: 'hurt' },
      line: lineOf(wrongIndex.SCRIPTS, 'poison', 'call $set_points'),
    },
  },
  {
    ...COMMON,
    ...{ name: 'a wrong order of scripts', file: fileOf('wrong-order'), createSimulation: wrongOrder.createSimulation },
    answer: {
      ...{ tick: 600, by: 'storm', old: 0, value: -1, function: 'update' },
      line: lineOf(wrongOrder.SCRIPTS, 'storm', 'call $set_points'),
    },
  },
  {
    ...COMMON,
    ...{ name: 'an event handled twice', file: fileOf('event-handled-twice'), createSimulation: eventHandledTwice.createSimulation },
    answer: {
      ...{ tick: 412, by: 'venom', old: 0, value: -1, function: 'sting' },
      line: lineOf(eventHandledTwice.SCRIPTS, 'venom', 'call $set_points'),
    },
  },
  {
    ...COMMON,
    ...{ name: "a reload's migration", file: fileOf('reload-migration'), createSimulation: reloadMigration.createSimulation },
    answer: {
      ...{ tick: 301, by: 'heal', old: 9, value: -1, function: 'convert' },
      line: lineOf(reloadMigration.RELOADED, 'heal', 'call $set_points'),
    },
  },
  {
    ...COMMON,
    ...{ name: "a host's write", file: fileOf('host-write'), createSimulation: hostWrite.createSimulation },
    answer: { tick: 433, by: 'host', old: 5, value: -1 },
  },
]

/** Plays a game. `watch` gets it before its first tick, to make a `Past` or a `Recorder` of its runtime. */
export async function playPlantedBug(
  { createSimulation }: PlantedBug,
  { ticks = PLANTED_TICKS, watch = () => undefined }: { readonly ticks?: number; readonly watch?: (game: PlantedGame) => void } = {},
): Promise<PlantedGame> {
  const game = await createSimulation({ seed: 7 })
  await game.load()
  watch(game)
  for (let tick = 0; tick < ticks; tick++) {
    game.step(1 / 60)
    await game.settle()
  }
  return game
}

/** Records a game as `bitscript run --record` does. `sim` is the path of its module as seen from the file that the recording goes to. */
export async function recordPlantedBug(bug: PlantedBug, sim: string = bug.file): Promise<Recording> {
  const recorders: Recorder[] = []
  const folder = new URL('planted-bugs/', import.meta.url)
  const begin = (runtime: PlantedGame['runtime']): Recorder =>
    new Recorder(runtime, { sim, folder: fileURLToPath(folder) }, { callers: folder })
  const { runtime } = await playPlantedBug(bug, { watch: (game) => recorders.push(begin(game.runtime)) })
  const [recorder] = recorders as [Recorder]
  const recording = recorder.stop()
  runtime.dispose()
  return recording
}
