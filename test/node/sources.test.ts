import { readFile, symlink, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ScriptId } from 'bitscript'
import { type FileOutcome, type ScriptCompiler, type ScriptCompilers, type ScriptWatcher, watchScripts } from 'bitscript/node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { snippetsOf } from '../docs/packed-project.ts'
import { createFakeProject, type FakeProject } from '../fixtures/fake-compilers.ts'
import { createGame, type Game } from '../fixtures/game.ts'
import { bitscript, finish, REPOSITORY } from '../fixtures/project.ts'

let project: FakeProject
beforeEach(async () => {
  project = await createFakeProject()
})
afterEach(() => project.remove())

describe('the source of a script', () => {
  let game: Game
  let id: ScriptId
  let watcher: ScriptWatcher
  let outcomes: FileOutcome[]
  let arrived: () => void

  /** Resolves with the next outcome. */
  async function next(): Promise<FileOutcome> {
    while (outcomes.length === 0) {
      await new Promise<void>((resolve) => {
        arrived = resolve
      })
    }
    return outcomes.shift() as FileOutcome
  }
  const step = (): unknown => game.runtime.call(id, 'step')

  async function watch(file: string, compilers: ScriptCompilers = {}): Promise<void> {
    game = await createGame()
    outcomes = []
    const folder = pathToFileURL(`${join(project.folder, 'scripts')}/`)
    const onOutcome = (outcome: FileOutcome): void => {
      outcomes.push(outcome)
      arrived?.()
    }
    watcher = watchScripts(game.runtime, { folder, onOutcome, compilers })
    id = await game.runtime.loadModule(pathToFileURL(file))
    await watcher.ready
  }
  afterEach(async () => {
    await watcher?.close()
    game?.runtime.dispose()
  })

  it.each([
    ['C', 'mover.c', '#include "game.h"\n', 'game.h', 'later.h', '#include "later.h"\n'],
    ['Rust', 'mover.rs', 'mod game;\n', 'game.rs', 'later.rs', 'mod later;\n'],
    ['AssemblyScript', 'mover.ts', "import {} from './game'\n", 'game.ts', 'later.ts', "import {} from './later'\n"],
  ])(
    'in %s is compiled when it is loaded, saved, or when a file that it depends on is saved or appears',
    async (_, name, text, dependency, later, more) => {
      await project.write(`scripts/${dependency}`, 'STEP 1')
      const file = await project.write(`scripts/${name}`, text)
      await watch(file)
      expect(step()).toBe(1)
      await project.write(`scripts/${dependency}`, 'STEP 2')
      expect(await next()).toMatchObject({ state: 'reloaded', file, report: { generation: 2 } })
      expect(step()).toBe(2)
      await project.write(`scripts/${dependency}`, '\noops\n\n')
      expect(await next()).toMatchObject({
        state: 'mistake',
        file,
        error: { code: 'InvalidSource', location: { file: expect.stringMatching(`${name === 'mover.rs' ? name : dependency}$`) } },
      })
      expect(step()).toBe(2)
      await project.write(`scripts/${dependency}`, '')
      expect(await next()).toMatchObject({ state: 'reloaded', file })
      await project.write(`scripts/${name}`, more)
      expect(await next()).toMatchObject({ state: 'mistake', file, error: { code: 'InvalidSource', location: { file } } })
      await project.write(`scripts/${later}`, 'STEP 3')
      expect(await next()).toMatchObject({ state: 'reloaded', file })
      expect(step()).toBe(3)
    },
  )

  it('that is added to the folder is loaded; TypeScript of the game is not', async () => {
    await watch(await project.write('scripts/mover.c', 'STEP 1'))
    await project.write('scripts/index.ts', 'export const x: number = 1')
    const file = await project.write('scripts/added.ts', '// STEP 2\nexport function step(): i32 { return 2 }')
    expect(await next()).toMatchObject({ state: 'loaded', file, script: { name: 'added' } })
  })

  it('is compiled again when a header appears in a folder that was not there', async () => {
    const file = await project.write('scripts/mover.c', 'STEP 1')
    await watch(file)
    await project.write('scripts/mover.c', '#include "parts/deep/later.h"\n')
    expect(await next()).toMatchObject({ state: 'mistake', file })
    await project.write('scripts/parts/deep/later.h', 'STEP 2')
    expect(await next()).toMatchObject({ state: 'reloaded', file })
    expect([step(), outcomes]).toEqual([2, []])
  })

  it('is compiled again when a file that it depends on is removed, and when that is back', async () => {
    const header = await project.write('scripts/game.h', 'STEP 1')
    const file = await project.write('scripts/mover.c', '#include "game.h"\n')
    await watch(file)
    await unlink(header)
    expect(await next()).toMatchObject({ state: 'mistake', file, error: { location: { file, line: 1, column: 10 } } })
    await project.write('scripts/game.h', 'STEP 2')
    expect(await next()).toMatchObject({ state: 'reloaded', file })
    expect(step()).toBe(2)
  })

  it('may be in a language that the game brings a compiler for', async () => {
    const part = await project.write('scripts/part.txt', '1')
    const file = await project.write('scripts/mover.sum', 'part.txt')
    const compile: ScriptCompiler = async ({ file, content }) => {
      const number = await readFile(join(dirname(file), Buffer.from(content).toString()), 'utf8')
      const loc = { file: part, line: 1, column: 1 }
      if (!Number.isInteger(Number(number))) throw Object.assign(new Error('no whole number'), { loc })
      return { module: `(module (func (export "step") (result i32) (i32.const ${number})))`, watch: ['part.txt'] }
    }
    await watch(file, { '.sum': compile })
    expect(step()).toBe(1)
    await project.write('scripts/part.txt', '2')
    expect(await next()).toMatchObject({ state: 'reloaded', file })
    expect(step()).toBe(2)
    await project.write('scripts/part.txt', '2.5')
    const error = { code: 'InvalidSource', detail: 'no whole number', location: { file: part, line: 1, column: 1 } }
    expect(await next()).toMatchObject({ state: 'mistake', file, error })
    const added = await project.write('scripts/added.SUM', 'part.txt')
    expect(await next()).toMatchObject({ state: 'mistake', file: added, error })
    await project.write('scripts/part.txt', '3')
    expect([await next(), await next()].map(({ state }) => state).sort()).toEqual(['loaded', 'reloaded'])
  })

  it('in another language is refused without a function to compile it', async () => {
    game = await createGame()
    expect(() => watchScripts(game.runtime, { compilers: { '.sum': 7 } as never })).toThrow(/compilers\.\.sum must be a function, not 7/)
    expect(() => watchScripts(game.runtime, { compilers: { sum: () => '' } })).toThrow(/must be named by a file extension/)
  })
})

const [documented] = await snippetsOf('docs/building.md').then((all) => all.filter(({ language }) => language === 'js'))

/** A simulation with the language of docs/building.md, and a script in it. */
const SIMULATION = `import { createWorld } from 'bitecs'
import { WasmScriptRuntime } from 'bitscript'
${documented?.code}
export async function createSimulation() {
  const runtime = await WasmScriptRuntime.create({ world: createWorld() })
  const load = async () => void (await runtime.loadModule(new URL('./quiet.loud', import.meta.url)))
  return { runtime, load, step: (dt) => runtime.tick(dt), compilers }
}
`

describe('the command line', () => {
  it('compiles with the compilers of a simulation', async () => {
    await project.write('game.mjs', SIMULATION)
    await project.write('quiet.loud', '(MODULE (FUNC (EXPORT "tick") (PARAM F32)))')
    for (const name of ['bitecs', 'bitscript']) {
      const path = name === 'bitecs' ? join(REPOSITORY, 'node_modules/bitecs') : REPOSITORY
      await symlink(path, join(project.folder, 'node_modules', name))
    }
    const played = await finish(project.folder, 'run', 'game.mjs', '--ticks', '1', '--json')
    expect(JSON.parse(played.output)).toMatchObject({ scripts: [{ name: 'quiet', status: 'active' }] })
    expect((await finish(project.folder, 'check', '.', '--sim', 'game.mjs')).output).toContain('✓ quiet.loud')
  })

  it('checks sources, and shows every mistake of a compiler at its place', async () => {
    await project.write('scripts/game.h', '  oops')
    await project.write('scripts/right.rs', 'STEP 1\n  unused')
    await project.write('scripts/wrong.c', '#include "game.h"\n\noops')
    const { code, output } = await finish(project.folder, 'check', 'scripts')
    expect(code).toBe(1)
    expect(output).toMatch(
      /^✓ scripts\/right\.rs {2}.*(\n {2}.*)*\n! scripts\/right\.rs:2:3\n {2}unused variable .*\n {4}1 \| STEP 1\n {2}> 2 \| {3}unused\n/,
    )
    expect(output).toContain("✗ scripts/game.h:1:3 InvalidSource\n  unknown type name 'oops' [-Woops]\n  > 1 |   oops\n      |   ^")
    expect(output).toContain('✗ scripts/wrong.c:3:1 InvalidSource')
  })

  it('prints each warning of a compiler once while a game runs', async () => {
    for (const name of ['bitscript', 'bitecs']) {
      const target = name === 'bitscript' ? REPOSITORY : join(REPOSITORY, 'node_modules', name)
      await symlink(target, join(project.folder, 'node_modules', name))
    }
    const game = `import { createWorld } from 'bitecs'
      import { WasmScriptRuntime } from 'bitscript'
      export const createSimulation = async () => {
        const runtime = await WasmScriptRuntime.create({ world: createWorld() })
        const load = () => runtime.loadModule(new URL('./scripts/mover.c', import.meta.url))
        return { runtime, load, step: (dt) => runtime.tick(dt) }
      }`
    await project.write('index.mjs', game)
    await project.write('scripts/mover.c', 'unused\n')
    const running = bitscript(project.folder, 'dev', 'index.mjs')
    await running.printed(/Ctrl-C ends/)
    await project.write('scripts/mover.c', '\nunused\n// STEP 2 unused')
    await running.printed(/generation 2/)
    running.process.kill('SIGINT')
    await running.ended
    expect(running.output().match(/! scripts\/mover\.c:\d+:\d+/g)).toEqual(['! scripts/mover.c:1:1', '! scripts/mover.c:3:11'])
  })

  it('builds a module of a source, without debug information unless that is wanted', async () => {
    await project.write('mover.c', 'STEP 1 unused')
    const small = await finish(project.folder, 'build', 'mover.c')
    expect(small).toMatchObject({ code: 0, output: expect.stringMatching(/! mover\.c:1:8\n[^✓]*✓ mover\.c → mover\.wasm {2}37 bytes\n$/) })
    expect((await finish(project.folder, 'build', 'mover.c', '--debug', '-o', 'debug.wasm')).output).toContain(
      '✓ mover.c → debug.wasm  53 bytes\n',
    )
  })
})
