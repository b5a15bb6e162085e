import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bitscript, createProject, REPOSITORY } from '../fixtures/project.ts'

const run = promisify(execFile)

const SCRIPT = '(module (func (export "answer") (result i32) (i32.const 42)))'
/** One module of a game, for Vite, Node and vitest. */
const GAME = `import { createWorld } from 'bitecs'
import { WasmScriptRuntime } from 'bitscript'
import mover from './the mover.wat?script'

export const createSimulation = async ({ seed = 0 } = {}) => {
  const runtime = await WasmScriptRuntime.create({ world: createWorld(), seed })
  return {
    runtime,
    load: async () => {
      const id = await runtime.loadModule(mover)
      console.log(runtime.script(id).name, runtime.call(id, 'answer'))
    },
    step: (dt: number) => runtime.tick(dt),
  }
}`

let folder: string
let remove: () => Promise<void>
beforeAll(async () => {
  const project = await createProject(['bitecs', 'tsx', 'vite', 'vitest'])
  folder = project.folder
  remove = project.remove
  await writeFile(join(folder, 'the mover.wat'), SCRIPT)
  await writeFile(join(folder, 'game.ts'), GAME)
  await writeFile(join(folder, 'game.js'), `${GAME.replace(': number', '')}\nawait (await createSimulation()).load()`)
})
afterAll(() => remove())

const node = (...args: string[]): Promise<{ stdout: string }> => run(process.execPath, args, { cwd: folder })

describe('bitscript/register', () => {
  it('makes Node import scripts', async () => {
    expect((await node('--import', 'bitscript/register', 'game.js')).stdout).toBe('the mover 42\n')
  })

  it('is switched on by the command line, for a game in TypeScript', async () => {
    const command = bitscript(folder, 'run', 'game.ts', '--ticks', '1')
    expect(await command.ended, command.output()).toBe(0)
    expect(command.output()).toContain('the mover 42')
  })

  it('names the file of a mistake', async () => {
    await writeFile(join(folder, 'wrong.wat'), '(module\n  (oops))')
    await writeFile(join(folder, 'wrong.ts'), GAME.replace('the mover.wat', 'wrong.wat'))
    const command = bitscript(folder, 'run', 'wrong.ts')
    expect(await command.ended).toBe(1)
    expect(command.output()).toContain('wrong.wat:2:4 InvalidText')
  })

  it('says what is missing, or what it cannot import', async () => {
    for (const [file, message] of [
      ['the mover.wat', "import './the mover.wat?script' for a script"],
      ['game.as?script', 'Node imports .wat and .wasm files'],
    ] as const) {
      await writeFile(join(folder, file.replace('?script', '')), SCRIPT)
      await writeFile(join(folder, 'plain.js'), `import './${file}'`)
      await expect(node('--import', 'bitscript/register', 'plain.js')).rejects.toThrow(message)
    }
  })

  it('is not needed with Vitest, which takes the plugin of Vite', async () => {
    const test = `import { expect, it } from 'vitest'
      import { createSimulation } from './game.ts'
      it('runs', async () => {
        const game = await createSimulation()
        await game.load()
        expect(game.runtime.call(game.runtime.find('the mover').id, 'answer')).toBe(42)
      })`
    await writeFile(join(folder, 'game.test.ts'), test)
    const config =
      "import { bitscript } from 'bitscript/vite'\nexport default { plugins: [bitscript()], test: { include: ['game.test.ts'] } }"
    await writeFile(join(folder, 'vitest.config.js'), config)
    const { stdout } = await run(process.execPath, [join(REPOSITORY, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter', 'json'], {
      cwd: folder,
      env: { ...process.env, VITEST: undefined, VITEST_WORKER_ID: undefined, VITEST_POOL_ID: undefined },
    })
    expect(JSON.parse(stdout.slice(stdout.indexOf('{')))).toMatchObject({ numPassedTests: 1, success: true })
  })
})
