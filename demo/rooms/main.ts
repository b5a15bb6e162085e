import { Client } from '@colyseus/sdk'
import { connectScripts } from 'bitscript/colyseus/client'
import { defineArena, type ScriptName } from './game.ts'
import { followControls } from './keys.ts'
import { showRoom } from './panel.ts'
import { createView } from './view.ts'

/** What the server that sent this page says of the game. */
interface ArenaDescription {
  /** The port of Colyseus on the same machine. */
  readonly port: number
  readonly scripts: Readonly<Record<ScriptName, string>>
}

/** Milliseconds for which the page seeks its room again: as long as it takes to start a process. */
const PATIENCE = 30_000

const surface = document.getElementById('arena') as HTMLElement
const description = (await (await fetch('/arena.json')).json()) as ArenaDescription
const view = await createView(surface)
const client = new Client(`http://${location.hostname}:${description.port}`)
const connection = await connectScripts(client, 'arena', { game: defineArena(description.scripts), predict: ['ship'], patience: PATIENCE })
globalThis.connection = connection
const refresh = showRoom(connection)
followControls(surface, (direction) => connection.send(direction))
connection.send({ x: 0, y: 0 })

requestAnimationFrame(function draw(now) {
  connection.update(now)
  view.draw(connection)
  refresh(now)
  requestAnimationFrame(draw)
})
