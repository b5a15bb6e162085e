import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ScriptId } from 'bitscript'
import { type FileOutcome, type ScriptWatcher, watchScripts } from 'bitscript/node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFakeProject, type FakeProject } from '../fixtures/fake-compilers.ts'
import { createGame, type Game } from '../fixtures/game.ts'
import { finish } from '../fixtures/project.ts'

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

  async function watch(file: string): Promise<void> {
    game = await createGame()
    outcomes = []
    const folder = pathToFileURL(`${join(project.folder, 'scripts')}/`)
    const onOutcome = (outcome: FileOutcome): void => {
      outcomes.push(outcome)
      arrived?.()
    }
    watcher = watchScripts(game.runtime, { folder, onOutcome })
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
})

describe('the command line', () => {
  it('checks sources, and shows every mistake of a compiler at its place', async () => {
    await project.write('scripts/game.h', '  oops')
    await project.write('scripts/right.rs', 'STEP 1')
    await project.write('scripts/wrong.c', '#include "game.h"\n\noops')
    const { code, output } = await finish(project.folder, 'check', 'scripts')
    expect(code).toBe(1)
    expect(output).toContain('✓ scripts/right.rs  ')
    expect(output).toContain("✗ scripts/game.h:1:3 InvalidSource\n  unknown type name 'oops' [-Woops]\n  > 1 |   oops\n      |   ^")
    expect(output).toContain('✗ scripts/wrong.c:3:1 InvalidSource')
  })

  it('builds a module of a source, without debug information unless that is wanted', async () => {
    await project.write('mover.c', 'STEP 1')
    const small = await finish(project.folder, 'build', 'mover.c')
    expect(small).toMatchObject({ code: 0, output: '✓ mover.c → mover.wasm  37 bytes\n' })
    expect((await finish(project.folder, 'build', 'mover.c', '--debug', '-o', 'debug.wasm')).output).toBe(
      '✓ mover.c → debug.wasm  53 bytes\n',
    )
  })
})
