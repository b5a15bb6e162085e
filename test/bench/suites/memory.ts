import { addEntity, createWorld, query } from 'bitecs'
import { defineComponents, type ScriptId, WasmScriptRuntime } from 'bitscript'
import { settledUsage, type Usage } from '../heap.ts'
import type { Suite } from '../suite.ts'
import { bareWat, watWithMemory } from '../systems/program.ts'
import { program as bounce } from '../systems/programs/bounce.ts'
import { formatBytes } from '../table.ts'

interface Row {
  readonly what: string
  /** Bytes per item. */
  readonly heap: number
  readonly external: number
}

const SCRIPTS = 100
const ENTITIES = 10_000

export const memory: Suite = {
  name: 'memory',
  about: 'bytes of the heap and beyond it, for one script and for one attachment',
  async run({ progress }) {
    const rows: Row[] = []
    progress('entities')
    rows.push(...(await measureAttachments()))
    for (const { what, wat } of [
      { what: 'a script', wat: bareWat(bounce) },
      { what: 'a script with a memory of one page', wat: watWithMemory(bounce) },
    ]) {
      progress(what)
      rows.push(...(await measureScripts(what, wat)))
    }
    return {
      tables: [
        {
          title: 'memory: bytes for one',
          columns: ['', 'heap', 'external'],
          rows: rows.map(({ what, heap, external }) => [what, formatBytes(heap), formatBytes(external)]),
          notes: ['The code that an engine compiles is in neither number.'],
        },
      ],
      data: rows,
    }
  },
}

async function measureAttachments(): Promise<readonly Row[]> {
  const world = createWorld()
  const components = defineComponents({ Position: { x: 'f32', y: 'f32' }, Velocity: { x: 'f32', y: 'f32' } }, { capacity: ENTITIES * 2 })
  const { Position, Velocity } = components
  const runtime = await WasmScriptRuntime.create({ world, components })
  const scripts = [
    await runtime.loadModule(bareWat(bounce), { name: 'first' }),
    await runtime.loadModule(bareWat(bounce), { name: 'second' }),
  ]
  const entities: number[] = new Array(ENTITIES).fill(0)
  runtime.tick(0)
  const rows: Row[] = []
  let before = await settledUsage()
  const step = async (what: string): Promise<void> => {
    const after = await settledUsage()
    rows.push(share(what, before, after, ENTITIES))
    before = after
  }
  for (let index = 0; index < ENTITIES; index++) entities[index] = addEntity(world, Position, Velocity)
  query(world, [Position, Velocity])
  await step('an entity with two components, in bitECS')
  for (const [index, script] of scripts.entries()) {
    for (const entity of entities) runtime.attach(entity, script)
    runtime.tick(0)
    await step(index === 0 ? 'its attachment to a script' : 'its attachment to a second')
  }
  runtime.dispose()
  return rows
}

async function measureScripts(what: string, wat: string): Promise<readonly Row[]> {
  const components = defineComponents({ Position: { x: 'f32', y: 'f32' }, Velocity: { x: 'f32', y: 'f32' } })
  const runtime = await WasmScriptRuntime.create({ world: createWorld(), components })
  // The scripts differ, since equal bytes are compiled only once.
  const loadAll = async (count: number, offset: number): Promise<readonly ScriptId[]> => {
    const ids: ScriptId[] = []
    for (let index = 0; index < count; index++) {
      const text = wat.replace(/\)\s*$/, `(global i32 (i32.const ${offset + index})))`)
      ids.push(await runtime.loadModule(text, { name: `script ${offset + index}` }))
    }
    runtime.tick(0)
    return ids
  }
  for (const id of await loadAll(SCRIPTS, 0)) runtime.unloadModule(id)
  runtime.tick(0)
  const before = await settledUsage()
  const ids = await loadAll(SCRIPTS, SCRIPTS)
  const loaded = await settledUsage()
  for (const id of ids) runtime.unloadModule(id)
  runtime.tick(0)
  const unloaded = await settledUsage()
  runtime.dispose()
  return [share(what, before, loaded, SCRIPTS), share('… what is left of it when unloaded', before, unloaded, SCRIPTS)]
}

function share(what: string, before: Usage, after: Usage, count: number): Row {
  return { what, heap: (after.heap - before.heap) / count, external: (after.external - before.external) / count }
}
