// The arena: `npm run demo:rooms` is one process, `npm run demo:cluster` two of them, with Redis.
import { watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createServer, type Plugin } from 'vite'
import { type Cluster, startCluster } from './cluster.ts'
import { defineArena, SCRIPTS, type ScriptName } from './game.ts'
import { startGameServer } from './game-server.ts'
import { type NetworkQuality, openSlowNetwork } from './network.ts'

/** Milliseconds after which a file that changed is read, so that an editor has written all of it. */
const SETTLE = 50
const PROCESSES = 2

const { values } = parseArgs({
  options: {
    /** Whether there are two processes. */
    cluster: { type: 'boolean', default: false },
    /** The bots in each room: at most 1,000. */
    bots: { type: 'string', default: '6' },
    /** The port of Colyseus. The ports after it are for its processes. */
    port: { type: 'string', default: '2567' },
    /** The folder of the scripts. */
    scripts: { type: 'string', default: join(import.meta.dirname, 'scripts') },
  },
})
const port = Number(values.port)
const bots = Math.min(1000, Number(values.bots) || 0)
const quality: NetworkQuality = { latency: 0, loss: 0 }
/** The text of each script when it was last published. */
const saved = new Map<ScriptName, string>()

const texts = Object.fromEntries(await Promise.all(SCRIPTS.map(async (name) => [name, await readText(name)]))) as Record<ScriptName, string>
const cluster = values.cluster ? await startCluster(PROCESSES, port, texts, bots, quality).catch(refuse) : await startAlone()
followScripts()
const page = await createServer({ configFile: join(import.meta.dirname, 'vite.config.ts'), plugins: [controls()] })
await page.listen()
page.printUrls()
console.log('  Open the page twice. Edit demo/rooms/scripts/ship.wat while you fly.')

/** One process, and a network before it. */
async function startAlone(): Promise<Cluster> {
  const server = await startGameServer(defineArena(texts), { port: port + 1, publicPort: port, bots })
  openSlowNetwork(() => port + 1, quality).listen(port, '127.0.0.1')
  return {
    names: [],
    publish: async (name, text) => console.log(await server.publish(name, text)),
    end: () => 'There is one process.',
  }
}

function refuse(error: Error): never {
  console.error(error.message)
  process.exit(1)
}

function readText(name: ScriptName): Promise<string> {
  return readFile(join(values.scripts, `${name}.wat`), 'utf8')
}

/** Has the rooms run each script that is saved. */
function followScripts(): void {
  const timers = new Map<ScriptName, NodeJS.Timeout>()
  watch(values.scripts, (_, file) => {
    const name = SCRIPTS.find((each) => file === `${each}.wat`)
    if (name === undefined) return
    clearTimeout(timers.get(name))
    timers.set(
      name,
      setTimeout(() => void publish(name), SETTLE),
    )
  })
}

async function publish(name: ScriptName): Promise<void> {
  try {
    const text = await readText(name)
    if (saved.get(name) === text) return
    saved.set(name, text)
    await cluster.publish(name, text)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
  }
}

/** Answers what the page asks beside its files. */
function controls(): Plugin {
  return {
    name: 'arena',
    configureServer({ middlewares }) {
      middlewares.use('/arena.json', (_, response) => response.end(JSON.stringify({ port, scripts: texts })))
      middlewares.use('/processes', (_, response) => response.end(JSON.stringify(cluster.names)))
      middlewares.use('/network', async (request, response) => {
        const form = await readForm(request)
        quality.latency = Number(form.get('latency') ?? 0)
        quality.loss = Number(form.get('loss') ?? 0) / 100
        response.end()
      })
      middlewares.use('/end', async (request, response) => {
        const form = await readForm(request)
        response.end(cluster.end(form.get('name') ?? '', form.get('signal') === 'SIGKILL' ? 'SIGKILL' : 'SIGTERM'))
      })
    },
  }
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const part of request) text += String(part)
  return new URLSearchParams(text)
}
