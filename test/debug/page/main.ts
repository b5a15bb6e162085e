import type { WasmScriptRuntime } from 'bitscript'
import { Debugger, type Inspector, mountInspector, type SourcePlace } from '../../../src/devtools/index.ts'
import * as eventHandledTwice from '../planted-bugs/event-handled-twice.ts'
import type { PlantedGame } from '../planted-bugs/game.ts'
import * as hostWrite from '../planted-bugs/host-write.ts'
import * as reloadMigration from '../planted-bugs/reload-migration.ts'
import * as wrongIndex from '../planted-bugs/wrong-index.ts'
import * as wrongOrder from '../planted-bugs/wrong-order.ts'

const GAMES = {
  'a wrong index': wrongIndex,
  'a wrong order of scripts': wrongOrder,
  'an event handled twice': eventHandledTwice,
  "a reload's migration": reloadMigration,
  "a host's write": hostWrite,
}

/** The places that the inspector asked to open. */
const opened: SourcePlace[] = []
let game: { readonly runtime: WasmScriptRuntime; readonly debug: Debugger; readonly inspector: Inspector } | undefined

/** Plays a game with a planted mistake, and shows it in an inspector. */
async function play(name: string, ticks: number): Promise<void> {
  game?.inspector.dispose()
  game?.debug.dispose()
  game?.runtime.dispose()
  const planted: PlantedGame = await GAMES[name as keyof typeof GAMES].createSimulation({ seed: 7 })
  await planted.load()
  const { runtime } = planted
  const debug = new Debugger(runtime)
  await debug.open()
  for (let tick = 0; tick < ticks; tick++) {
    planted.step(1 / 60)
    await planted.settle()
  }
  game = { runtime, debug, inspector: mountInspector(runtime, { debugger: debug, openSource: (place) => opened.push(place), open: true }) }
}

/** The parts of the page that tests use. */
export interface PlantedPage {
  readonly opened: typeof opened
  readonly play: typeof play
}
const planted: PlantedPage = { opened, play }
Object.assign(globalThis, { planted })
