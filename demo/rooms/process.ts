// A process of `npm run demo:cluster`. It does what the process that started it says.

import { defineArena, type ScriptName } from './game.ts'
import { type GameServerOptions, startGameServer } from './game-server.ts'

/** What a process is told first. */
export interface StartMessage extends GameServerOptions {
  readonly kind: 'start'
  readonly texts: Readonly<Record<ScriptName, string>>
}

/** What a process is told when a script was saved. */
export interface PublishMessage {
  readonly kind: 'publish'
  readonly name: ScriptName
  readonly text: string
}

// Also while it starts.
process.on('disconnect', () => process.exit())
const started = new Promise<StartMessage>((resolve) => process.once('message', resolve))
const { texts, ...options } = await started
const server = await startGameServer(defineArena(texts), options)
process.on('message', async ({ name, text }: PublishMessage) => {
  process.send?.(await server.publish(name, text).catch((error: unknown) => String(error)))
})
process.on('SIGTERM', async () => {
  process.send?.('stopping')
  await server.stop()
  process.exit()
})
process.send?.('listening')
