import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { addEntity, createWorld } from 'bitecs'
import { defineComponents, type ReloadReport, WasmScriptRuntime } from 'bitscript'
import { watchScripts } from 'bitscript/node'
import type { Suite, SuiteContext } from '../suite.ts'
import { TICK_SECONDS } from '../systems/stage.ts'
import { formatNumber, type Table } from '../table.ts'

const ENTITIES = 10_000
const LINES = 180
const SAVES = 200
const QUICK_SAVES = 20

/** The milliseconds of one save, from the write to the first tick of the new code, and of its parts. */
interface Save {
  readonly total: number
  /** From the write to the event of the watcher. */
  readonly watch: number
  readonly read: number
  readonly compile: number
  readonly link: number
  readonly state: number
  /** Swapping the generations and reporting the reload. */
  readonly swap: number
  /** The first tick of the new code. */
  readonly tick: number
}

const PARTS: readonly (keyof Save)[] = ['watch', 'read', 'compile', 'link', 'state', 'swap', 'tick', 'total']

export const loop: Suite = {
  name: 'loop',
  about: 'from the save of a script to the first tick of its new code',
  async run(context) {
    const saves = await measureSaves(context)
    const table: Table = {
      title: `loop: ${saves.length} saves of a script of ${LINES} lines, ${ENTITIES.toLocaleString('en')} entities, in milliseconds`,
      columns: ['', 'p50', 'p95'],
      rows: PARTS.map((part) => [part, ...[0.5, 0.95].map((share) => formatNumber(quantile(saves, part, share)))]),
      notes: ['compile: text to module, and module to code. state: into the new code, and what going back needs.'],
    }
    return { tables: [table], data: saves }
  },
}

function quantile(saves: readonly Save[], part: keyof Save, share: number): number {
  const sorted = saves.map((save) => save[part]).sort((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Returns a script with a number of lines, whose code depends on the version. */
function scriptText(version: number): string {
  const filler = Array.from(
    { length: LINES - 20 },
    (_, line) => `  (func $part_${line} (result f32) (f32.add (f32.const ${line}) (f32.const 0.5)))`,
  )
  return `(module
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "{\\"ticks\\":1}")
  (global $version i32 (i32.const ${version}))
${filler.join('\n')}
  (func (export "get_state") (result i32 i32)
    (i32.const 0)
    (i32.const 11))
  (func (export "set_state") (param i32 i32))
  (func (export "version") (result i32)
    (global.get $version))
  (func (export "update") (param $eid i32) (param $dt f32)
    (call $set_x
      (local.get $eid)
      (f32.add
        (call $x (local.get $eid))
        (local.get $dt)))))
`
}

async function measureSaves({ scale, progress }: SuiteContext): Promise<readonly Save[]> {
  progress('saves')
  const folder = await mkdtemp(join(tmpdir(), 'bitscript-loop-'))
  const file = join(folder, 'script.wat')
  await writeFile(file, scriptText(0))
  const world = createWorld()
  const components = defineComponents({ Position: { x: 'f32' } }, { capacity: ENTITIES + 1000 })
  const runtime = await WasmScriptRuntime.create({ world, components })
  const script = await runtime.loadModule(pathToFileURL(file))
  for (let index = 0; index < ENTITIES; index++) runtime.attach(addEntity(world, components.Position), script)
  runtime.tick(TICK_SECONDS)
  let told: (report: ReloadReport) => void = () => undefined
  runtime.on('reload', (report) => told(report))
  let noticed = 0
  let read = 0
  const watching = watchScripts(runtime, {
    folder: pathToFileURL(`${folder}/`),
    async read(path) {
      noticed = performance.now()
      const content = await readFile(path)
      read = performance.now()
      return content
    },
  })
  await watching.ready
  const saves: Save[] = []
  try {
    for (let version = 1; version <= (scale.quick ? QUICK_SAVES : SAVES); version++) {
      const reloaded = new Promise<ReloadReport>((resolve) => {
        told = resolve
      })
      const start = performance.now()
      await writeFile(file, scriptText(version))
      const { ms } = await reloaded
      const parts = { watch: noticed - start, read: read - noticed, swap: performance.now() - read - ms.compile - ms.link - ms.state }
      const swapped = performance.now()
      runtime.tick(TICK_SECONDS)
      const end = performance.now()
      if (runtime.call(script, 'version') !== version) throw new Error('an old version runs')
      const { compile, link, state } = ms
      saves.push({ ...parts, compile, link, state, tick: end - swapped, total: end - start })
      // Waits until the watcher reports changes again.
      await new Promise((resolve) => setTimeout(resolve, 150))
      runtime.tick(TICK_SECONDS)
    }
  } finally {
    await watching.close()
    runtime.dispose()
    await rm(folder, { recursive: true })
  }
  return saves
}
