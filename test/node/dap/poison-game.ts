import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { REPOSITORY } from '../../fixtures/project.ts'

/** Takes a point each tick, and faults below -2. */
export const POISON = `(module
  (import "ecs.get" "Health.points" (func $points (param i32) (result i32)))
  (import "ecs.set" "Health.points" (func $set_points (param i32 i32)))
  (func $hurt (param $who i32) (param $damage i32)
    (call $set_points (local.get $who) (i32.sub (call $points (local.get $who)) (local.get $damage))))
  (func (export "update") (param $eid i32) (param $dt f32)
    (if (i32.lt_s (call $points (local.get $eid)) (i32.const -2)) (then (unreachable)))
    (call $hurt (local.get $eid) (i32.const 1))))`

/** Returns the module of a simulation with one entity of 3 points, on which poison runs. `source` is the JavaScript that gives the script. */
export function poisonGame(source: string): string {
  return `import { createWorld } from 'bitecs'
import { defineComponents, WasmScriptRuntime } from 'bitscript'

export async function createSimulation({ seed }) {
  const components = defineComponents({ Health: { points: 'i32' } }, { capacity: 10 })
  const runtime = await WasmScriptRuntime.create({ world: createWorld(), components, seed })
  return {
    runtime,
    async load() {
      const entity = runtime.spawn({ Health: { points: 3 } })
      runtime.attach(entity, await runtime.loadModule(${source}, { name: 'poison' }))
      console.log('loaded')
    },
    step: (dt) => runtime.tick(dt),
  }
}
`
}

/** Makes a folder with files, and the packages of a game. Resolves with its path. */
export async function createGameFolder(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bitscript-dap-'))
  await mkdir(join(folder, 'node_modules'))
  await symlink(REPOSITORY, join(folder, 'node_modules/bitscript'))
  await symlink(join(REPOSITORY, 'node_modules/bitecs'), join(folder, 'node_modules/bitecs'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return folder
}
