import type { ReloadReport } from 'bitscript'
import { describe, expect, it } from 'vitest'
import type { EditedScript } from '../../../demo/editor/editor-host.ts'
import { type FileTexts, followFiles } from '../../../demo/editor/file-texts.ts'
import type { MistakenTexts } from '../../../demo/editor/mistaken-texts.ts'
import { type OwnScripts, ownScripts } from '../../../demo/editor/own-scripts.ts'
import { createRuns, type Runs } from '../../../demo/editor/runs.ts'
import { runningText } from '../../../demo/editor/versions.ts'
import { createParts, type TestedParts } from './parts.ts'

const REPORT: ReloadReport = {
  script: 'hunter',
  generation: 2,
  unchanged: false,
  state: 'preserved',
  carried: [],
  dropped: [],
  ran: [],
  warnings: [],
  ms: { compile: 1, link: 1, state: 1, total: 3 },
}
const HUNTER: EditedScript = { name: 'hunter.ts', text: '// file', language: 'assemblyscript' }
const MINE: EditedScript = { name: 'mine.ts', text: '', language: 'assemblyscript', isNew: true }

/** A game that takes texts when a test lets it, and an editor. */
interface Tested {
  readonly parts: TestedParts
  readonly runs: Runs
  readonly fileTexts: FileTexts
  readonly own: OwnScripts
  /** The texts that the game was given, in order. */
  readonly given: string[]
  readonly removed: string[]
  /** Lets the game have the text that it was given first; if the run was abandoned, only if it is too late for that. */
  finish(isLate?: boolean): Promise<void>
}

function createTested(): Tested {
  const given: string[] = []
  const removed: string[] = []
  const waiting: ((isLate: boolean) => void)[] = []
  const parts = createParts([HUNTER, MINE], {
    apply: (_, text, __, abandoned) =>
      new Promise((resolve, reject) => {
        given.push(text)
        waiting.push((isLate) => (abandoned.aborted && !isLate ? reject(abandoned.reason) : resolve(REPORT)))
      }),
    remove: (name) => void removed.push(name),
  })
  const mistaken: MistakenTexts = {
    ...{ has: () => false, messageOf: () => undefined, add: () => undefined, goTo: () => undefined },
    ...{ clear: () => undefined, forget: () => undefined },
  }
  const runs = createRuns(parts, mistaken)
  parts.use(runs)
  const list = { element: {} as HTMLElement, add: () => undefined, remove: () => undefined, select: () => undefined, mark: () => undefined }
  return {
    ...{ parts, runs, given, removed },
    fileTexts: followFiles(parts, {
      ...{ mistaken, runs },
      comparison: { has: () => false, show: () => Promise.resolve(), forget: () => undefined },
      kept: { keep: () => undefined, fileChanges: () => undefined, describe: () => undefined },
    }),
    own: ownScripts(parts, list, runs, () => undefined),
    async finish(isLate = false) {
      waiting.shift()?.(isLate)
      // What follows an outcome takes a few turns.
      for (let turns = 0; turns < 10; turns++) await Promise.resolve()
    },
  }
}

const write = ({ parts: { documents } }: Tested, name: string, text: string): void =>
  documents.dispatch(name, { changes: { from: 0, to: documents.text(name).length, insert: text } })

describe('a run that is under way', () => {
  it('gives the game nothing after its script was removed', async () => {
    const tested = createTested()
    write(tested, 'mine.ts', '// mine')
    const run = tested.runs.start('mine.ts')
    void tested.runs.start('mine.ts')
    tested.own.remove('mine.ts')
    await tested.finish()
    await run
    expect([tested.given, tested.removed, tested.parts.said]).toEqual([['// mine'], ['mine.ts'], 'mine.ts is removed'])
  })

  it('is undone if the game has the script of a text that was removed', async () => {
    const tested = createTested()
    const run = tested.runs.start('mine.ts')
    tested.own.remove('mine.ts')
    await tested.finish(true)
    await run
    expect(tested.removed).toEqual(['mine.ts', 'mine.ts'])
  })

  it('is abandoned by Revert, so that the game runs the file', async () => {
    const tested = createTested()
    write(tested, 'hunter.ts', '// edit')
    const run = tested.runs.start('hunter.ts')
    tested.fileTexts.revert('hunter.ts')
    expect(tested.parts.said).toBe('hunter.ts is what its file says again')
    await tested.finish()
    await run
    expect([tested.given, runningText(tested.parts.documents.state('hunter.ts'))]).toEqual([['// edit'], '// file'])
  })

  it.each([
    ['Revert', ({ fileTexts }: Tested) => fileTexts.revert('hunter.ts'), '// file'],
    ['a save', saveUnedited, '// saved'],
  ])('is followed by a run of the file if it is too late for %s', async (_, act, file) => {
    const tested = createTested()
    write(tested, 'hunter.ts', '// edit')
    const run = tested.runs.start('hunter.ts')
    act(tested)
    await tested.finish(true)
    await tested.finish()
    await run
    expect([tested.given, runningText(tested.parts.documents.state('hunter.ts'))]).toEqual([['// edit', file], file])
  })
  function saveUnedited(tested: Tested): void {
    write(tested, 'hunter.ts', '// file')
    tested.fileTexts.saved('hunter.ts', '// saved')
  }
})

describe('a text that is stopped', () => {
  it('stays, and does not run', async () => {
    const tested = createTested()
    write(tested, 'hunter.ts', '// edit')
    void tested.runs.start('hunter.ts')
    await tested.finish()
    tested.fileTexts.stop('hunter.ts')
    const { documents } = tested.parts
    expect([documents.text('hunter.ts'), runningText(documents.state('hunter.ts'))]).toEqual(['// edit', '// file'])
  })

  it('does not run either if it was undone without being run', async () => {
    const tested = createTested()
    write(tested, 'hunter.ts', '// edit')
    void tested.runs.start('hunter.ts')
    await tested.finish()
    write(tested, 'hunter.ts', '// file')
    tested.fileTexts.stop('hunter.ts')
    expect(runningText(tested.parts.documents.state('hunter.ts'))).toBe('// file')
  })
})
