import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { build, createServer, preview } from 'vite'
import { findBrowser } from '../../fixtures/find-browser.ts'
import { median, quantile } from '../measure.ts'
import type { Suite, SuiteContext } from '../suite.ts'
import { formatNumber, type Table } from '../table.ts'

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url))
const DEMO = join(REPOSITORY, 'demo')
const CONFIG = { root: DEMO, configFile: join(DEMO, 'vite.config.ts'), logLevel: 'error', clearScreen: false } as const
const VIEWPORT = { width: 1280, height: 720 }
const SAVES = 100
const QUICK_SAVES = 10
const FRAMES = 60
const TICKS = 600
const QUICK_TICKS = 120
const HISTORY_SECONDS = 2
/** Ticks that a History of that length needs before it takes no more memory. */
const WARM_UP_TICKS = 240
/** Hunters that one tick may add. */
const MAX_HATCHED = 9000

/** The median milliseconds of a frame. */
interface Frame {
  readonly entities: number
  readonly simulate: number
  readonly draw: number
}

export const page: Suite = {
  name: 'page',
  about: 'the game in Chromium: a frame of it, a tick with a History, and a save of a script to the first frame of its new code',
  async run(context) {
    const executablePath = await findBrowser()
    if (executablePath === undefined) throw new Error('this suite needs Chromium or Chrome, and found none')
    const browser = await chromium.launch({
      executablePath,
      headless: true,
      chromiumSandbox: false,
      args: ['--disable-quic', '--disable-background-networking', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
    })
    try {
      const frames = await measureFrames(browser, context)
      const ticks = await measureTicks(browser, context)
      const saves = await measureSaves(browser, context)
      const frameTable: Table = {
        title: `page: a frame of the game, ${VIEWPORT.width} × ${VIEWPORT.height}, in milliseconds of the main thread, p50 of ${FRAMES}`,
        columns: ['entities', 'simulate', 'draw'],
        rows: frames.map(({ entities, simulate, draw }) => [entities.toLocaleString('en'), formatNumber(simulate), formatNumber(draw)]),
        notes: ['draw: what Pixi does, short of what the graphics card does; there is none here, the processor stands in for it.'],
      }
      const tickTable: Table = {
        title: `page: a tick of the game, without a History and with one of ${HISTORY_SECONDS} seconds, in milliseconds`,
        columns: ['', 'p50', 'p95'],
        rows: Object.entries(ticks).map(([name, samples]) => [name, ...[0.5, 0.95].map((share) => formatNumber(quantile(samples, share)))]),
      }
      const saveTable: Table = {
        title: `page: ${saves.length} saves of a script to the first frame of its new code, through Vite, in milliseconds`,
        columns: ['', 'p50', 'p95'],
        rows: [['save to frame', ...[0.5, 0.95].map((share) => formatNumber(quantile(saves, share)))]],
      }
      return { tables: [frameTable, tickTable, saveTable], data: { frames, ticks, saves } }
    } finally {
      await browser.close()
    }
  },
}

async function open(browser: Browser, url: string): Promise<Page> {
  const opened = await browser.newPage({ viewport: VIEWPORT })
  await opened.goto(url)
  await opened.waitForFunction(() => document.documentElement.dataset.ready === 'true', undefined, { timeout: 60_000 })
  return opened
}

async function measureFrames(browser: Browser, { progress }: SuiteContext): Promise<readonly Frame[]> {
  progress('building the game')
  await build(CONFIG)
  const server = await preview({ ...CONFIG, preview: { port: 0, host: '127.0.0.1' } })
  const frames: Frame[] = []
  for (const wanted of [5000, 20_000]) {
    progress(`frames of ${wanted} entities`)
    const opened = await open(browser, `${server.resolvedUrls?.local[0]}?seed=7&swarm=1000`)
    const { entities, ...samples } = await opened.evaluate(
      ([hunters, most, count]) => {
        const { session, loop, draw } = window.swarm
        loop.paused = true
        const idle = { x: 0, y: 0, fire: false } as const
        session.step(idle)
        for (let left = hunters - 1400; left > 0; left -= most) {
          for (let index = 0; index < Math.min(left, most); index++)
            session.game.runtime.emit('hatch', Math.random() * 1600, Math.random() * 1200)
          session.step(idle)
        }
        const [simulate, drawn]: [number[], number[]] = [[], []]
        for (let frame = 0; frame < count; frame++) {
          const start = performance.now()
          session.step(idle)
          const stepped = performance.now()
          draw(0.5)
          simulate.push(stepped - start)
          drawn.push(performance.now() - stepped)
        }
        const entities = session.game.runtime.scripts().find(({ name }) => name === 'hunter')?.stats.entities ?? 0
        return { entities, simulate, draw: drawn }
      },
      [wanted, MAX_HATCHED, FRAMES] as const,
    )
    frames.push({ entities, simulate: median(samples.simulate), draw: median(samples.draw) })
    await opened.close()
  }
  await server.close()
  return frames
}

interface Ticks {
  readonly without: readonly number[]
  readonly with: readonly number[]
}

/** What the page imports from Vite, to play two games in turn. */
interface PageModules {
  readonly startSession: (options: {
    readonly seed: number
  }) => Promise<{ readonly game: { readonly runtime: object }; step(wish: object): void }>
  readonly History: new (runtime: object, options: { readonly seconds: number }) => unknown
}

async function measureTicks(browser: Browser, { scale, progress }: SuiteContext): Promise<Ticks> {
  progress('ticks with a History')
  const server = await createServer({ ...CONFIG, server: { port: 0, host: '127.0.0.1', fs: { strict: false } } })
  await server.listen()
  const opened = await open(browser, `${server.resolvedUrls?.local[0]}?seed=7&swarm=300`)
  const ticks = await opened.evaluate(
    async ([game, library, seconds, warmUp, count]) => {
      window.swarm.loop.paused = true
      const { startSession } = (await import(/* @vite-ignore */ game)) as PageModules
      const { History } = (await import(/* @vite-ignore */ library)) as PageModules
      const sides = [
        { session: await startSession({ seed: 7 }), samples: [] as number[] },
        { session: await startSession({ seed: 7 }), samples: [] as number[] },
      ] as const
      new History(sides[1].session.game.runtime, { seconds })
      for (let tick = -warmUp; tick < count; tick++) {
        for (const { session, samples } of sides) {
          const start = performance.now()
          session.step({ x: 0, y: 0, fire: true })
          if (tick >= 0) samples.push(performance.now() - start)
        }
        // A page that never rests is not given time to compile.
        if (tick % 10 === 0) await new Promise((resolve) => setTimeout(resolve))
      }
      return { without: sides[0].samples, with: sides[1].samples }
    },
    [
      '/play/session.ts',
      `/@fs${join(REPOSITORY, 'dist/index.js')}`,
      HISTORY_SECONDS,
      WARM_UP_TICKS,
      scale.quick ? QUICK_TICKS : TICKS,
    ] as const,
  )
  await opened.close()
  await server.close()
  return ticks
}

/** Measures saves of a script in a copy of the game. */
async function measureSaves(browser: Browser, { scale, progress }: SuiteContext): Promise<readonly number[]> {
  progress('saves in the page')
  const folder = await mkdtemp(join(tmpdir(), 'bitscript-page-'))
  for (const name of ['scripts-wat', 'demo', 'tsconfig.json', 'package.json', 'dist'])
    await cp(join(REPOSITORY, name), join(folder, name), { recursive: true })
  await symlink(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'))
  const root = join(folder, 'demo')
  const server = await createServer({
    ...CONFIG,
    root,
    configFile: join(root, 'vite.config.ts'),
    cacheDir: join(folder, '.vite'),
    server: { port: 0, host: '127.0.0.1', fs: { strict: false } },
  })
  await server.listen()
  const opened = await open(browser, `${server.resolvedUrls?.local[0]}?seed=7&swarm=300`)
  const file = join(folder, 'scripts-wat/hunter.wat')
  const text = await readFile(file, 'utf8')
  const saves: number[] = []
  for (let save = 1; save <= (scale.quick ? QUICK_SAVES : SAVES); save++) {
    const framed = opened.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const off = window.swarm.session.game.runtime.on('reload', () => {
            off()
            // The current frame draws it; the next callback runs after that.
            requestAnimationFrame(() => resolve(performance.timeOrigin + performance.now()))
          })
        }),
    )
    // The page must listen before the file is saved.
    await opened.evaluate(() => 0)
    const start = performance.timeOrigin + performance.now()
    await writeFile(file, text.replace('(f32.const 60)', `(f32.const ${60 + save})`))
    saves.push((await framed) - start)
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
  await opened.close()
  await server.close()
  await rm(folder, { recursive: true })
  return saves
}
