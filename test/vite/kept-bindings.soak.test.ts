import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bitscript, follow, REPOSITORY } from '../fixtures/project.ts'
import { createWebProject } from '../fixtures/web-project.ts'

const COMPONENTS = "import { defineComponents } from 'bitscript'\nexport const components = defineComponents({ Position: { x: 'f32' } })\n"

const SIMULATION = `import { createWorld } from 'bitecs'
import { WasmScriptRuntime } from 'bitscript'
import { components } from '../rules/components.js'
export async function createSimulation() {
  const runtime = await WasmScriptRuntime.create({ world: createWorld(), components })
  return { runtime, load: async () => undefined, step: (dt) => runtime.tick(dt) }
}
`

const CONFIG = `import { bitscript } from 'bitscript/vite'
export default { plugins: [bitscript({ bindings: { sim: './sim/index.js' } })], server: { host: '127.0.0.1', port: 0 } }
`

describe('a development server with `bindings`', () => {
  it('keeps them up to date: at its start, and when the components change, or have a mistake', async () => {
    const project = await createWebProject({
      'sim/index.js': SIMULATION,
      'rules/components.js': COMPONENTS,
      'vite.config.js': CONFIG,
      'main.ts': '',
    })
    onTestFinished(project.remove)
    const header = join(project.folder, 'sim/game.h')
    expect(await bitscript(project.folder, 'bindings', 'sim', '--lang', 'c', '-o', 'sim').ended).toBe(0)
    await project.write('rules/components.js', COMPONENTS.replace("x: 'f32'", "x: 'f32', y: 'f32'"))

    // A server within Vitest keeps none, so this is one of its own.
    const { VITEST: _, ...env } = process.env
    const vite = spawn(process.execPath, [join(REPOSITORY, 'node_modules/vite/bin/vite.js')], { cwd: project.folder, env })
    onTestFinished(() => void vite.kill('SIGKILL'))
    const server = follow(vite)
    await server.printed(/✓ sim\/game\.h is written anew: the game has changed/)
    expect(await readFile(header, 'utf8')).toContain('float position_y(entity e);')

    await project.write('rules/components.js', COMPONENTS.replace("x: 'f32'", "x: 'f32', z: 'i8'"))
    await server.printed(/✓ sim\/game\.h is written anew/)
    expect(await readFile(header, 'utf8')).toContain('int8_t position_z(entity e);')

    await project.write('rules/components.js', COMPONENTS.replace('f32', 'f23'))
    await server.printed(/InvalidOptions[\s\S]*not "f23"/)
    await project.write('rules/components.js', COMPONENTS)
    await server.printed(/✓ sim\/game\.h is written anew/)
    expect(await readFile(header, 'utf8')).not.toContain('position_z')
  })
})
