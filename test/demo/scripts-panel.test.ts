import { type ReloadReport, ScriptError, type WasmScriptRuntime } from 'bitscript'
import type { Debugger } from 'bitscript/devtools'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Draft } from '../../demo/editor/drafts.ts'
import { checkLimits } from '../../demo/foreign.ts'
import type { EditedGame, GameEditor } from '../../demo/game-editor.ts'
import { mountScripts, type ScriptsPanel } from '../../demo/scripts-panel.ts'
import { FOREIGN } from '../../demo/sim/index.ts'

const FILES: Readonly<Record<string, string>> = { hunter: '(module)', gun: '(module)' }
const DRAFTS = 'bitscript-swarm-drafts'

beforeEach(() => {
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  })
})
afterEach(() => void vi.unstubAllGlobals())

const keptDrafts = (): ReadonlyMap<string, Draft> => new Map(JSON.parse(localStorage.getItem(DRAFTS) ?? '[]') as [string, Draft][])

/** An editor that keeps each text when it is set. */
function mountFake(_: HTMLElement, game: EditedGame): GameEditor {
  const drafts = new Map(game.drafts)
  const set = (name: string, text: string, running = drafts.get(name)?.running): void => {
    const file = FILES[name] ?? '// file'
    drafts.set(name, { text, running: running ?? file, file })
    game.keep(new Map([...drafts].filter(([, draft]) => draft.text !== draft.file || draft.running !== draft.file)))
  }
  return {
    element: {} as HTMLElement,
    ...{ open: () => undefined, show: () => undefined, hide: () => undefined, dispose: () => undefined },
    ...{ showFault: () => undefined, showLine: () => undefined, run: () => Promise.resolve(), stop: () => undefined },
    changed: () => new Map(),
    running: () => new Map([...drafts].filter(([, draft]) => draft.running !== draft.file).map(([name, { running }]) => [name, running])),
    setText: (name, text) => set(name, text),
    setRunning: (name, text) => set(name, text, text),
    setFile: () => undefined,
    reset: (name) => set(name, FILES[name] ?? '// file', FILES[name] ?? '// file'),
  }
}

/** A panel of scripts, and the game of its editor once that is loaded. */
interface Tested {
  readonly panel: ScriptsPanel
  readonly game: () => EditedGame
}

function createTested(isOffline = false): Tested {
  const element = { hidden: true, replaceChildren: () => undefined } as unknown as HTMLElement
  const button = { setAttribute: () => undefined, addEventListener: () => undefined } as unknown as HTMLElement
  let game: EditedGame | undefined
  const mountGameEditor = (parent: HTMLElement, given: EditedGame): GameEditor => {
    game = given
    return mountFake(parent, given)
  }
  const panel = mountScripts(element, button, {
    ...{ texts: () => FILES, locked: {}, onSave: () => undefined, runtime: () => undefined, start: () => Promise.resolve() },
    loadEditor: () => (isOffline ? Promise.reject(new TypeError('Failed to fetch')) : Promise.resolve({ mountGameEditor })),
  })
  return {
    panel,
    game() {
      if (game === undefined) throw new Error('the editor is not loaded')
      return game
    },
  }
}

describe('texts that came by a link', () => {
  it('are all foreign, also in AssemblyScript', async () => {
    const { panel } = createTested()
    await panel.take(['hunter.ts', 'gun.ts', 'hunter', 'mine.ts'].map((script) => ({ script, text: '// theirs' })))
    expect([...panel.foreign]).toEqual(['hunter.ts', 'gun.ts', 'hunter', 'mine.ts'])
    expect([...keptDrafts().values()].map(({ isForeign }) => isForeign)).toEqual([true, true, true, true])
  })

  it('are foreign again after Undo of Revert', async () => {
    const { panel, game } = createTested()
    await panel.take([{ script: 'hunter.ts', text: '// theirs' }])
    game().keep(new Map())
    expect(panel.foreign.size).toBe(0)
    game().keep(new Map([['hunter.ts', { text: '// theirs', running: '// file', file: '// file' }]]))
    expect([[...panel.foreign], keptDrafts().get('hunter.ts')?.isForeign]).toEqual([['hunter.ts'], true])
  })

  it('do not run in a game without limits for them', () => {
    const fuel = FOREIGN.limits?.fuel as number
    const known = (most: number) => ({ name: 'hunter', limits: { fuel: most } }) as Parameters<typeof checkLimits>[0]
    expect(() => checkLimits(known(fuel))).not.toThrow()
    expect(() => checkLimits(known(fuel * 10))).toThrow(expect.objectContaining({ code: 'GrantDenied' }))
  })

  const mine: Draft = { text: ';; mine', running: '(module)', file: '(module)' }

  it('replace a text of the player through the editor, which can undo it', async () => {
    localStorage.setItem(DRAFTS, JSON.stringify([['hunter', mine]]))
    const { panel, game } = createTested()
    const shared = ['hunter', 'gun'].map((script) => ({ script, text: ';; theirs' }))
    expect(panel.replacedBy(shared)).toEqual(['hunter'])
    await panel.take(shared)
    expect(game().drafts.get('hunter')).toEqual(mine)
    expect([panel.replacedBy([{ script: 'hunter', text: ';; more' }]), panel.edited().get('hunter')]).toEqual([[], ';; theirs'])
  })

  it('leave a text of the player as it is where the editor cannot be loaded', async () => {
    localStorage.setItem(DRAFTS, JSON.stringify([['hunter', mine]]))
    const problem = { append: () => undefined, addEventListener: () => undefined }
    vi.stubGlobal('document', { createElement: () => ({ ...problem }) })
    const { panel } = createTested(true)
    expect(await panel.take([{ script: 'hunter', text: ';; theirs' }])).toBeUndefined()
    expect([keptDrafts().get('hunter'), panel.foreign.size]).toEqual([mine, 0])
  })
})

describe('modules of texts in AssemblyScript', () => {
  it('are those of the generation that a rollback names', async () => {
    const { panel, game } = createTested()
    await panel.take([{ script: 'hunter.ts', text: '// theirs' }])
    const run = (part: number, generation: number, unchanged = false): void =>
      game().onRun({ script: 'hunter', generation, unchanged } as ReloadReport, 'hunter.ts', Uint8Array.of(part))
    run(1, 2)
    run(2, 3)
    run(3, 3, true)
    expect(panel.edited().get('hunter')).toEqual(Uint8Array.of(3))
    game().onRollBack('hunter', 2)
    expect(panel.edited().get('hunter')).toEqual(Uint8Array.of(1))
    game().onRollBack('hunter', 1)
    expect([panel.edited().has('hunter'), game().textOf('hunter')]).toEqual([false, 'hunter'])
  })

  it('go with a script that is removed', async () => {
    const { panel, game } = createTested()
    await panel.take([{ script: 'mine.ts', text: '// theirs' }])
    game().onRun({ script: 'mine', generation: 1, unchanged: false } as ReloadReport, 'mine.ts', Uint8Array.of(1))
    game().onRemove('mine.ts')
    expect([panel.edited().size, panel.foreign.size]).toEqual([0, 0])
  })
})

it('tells the editor of a fault after the step, in which breakpoints cannot change', async () => {
  const { panel, game } = createTested()
  await panel.take([{ script: 'hunter.ts', text: '// theirs' }])
  const faults: string[] = []
  game().onFault(({ detail }) => void faults.push(detail))
  let fail: (error: ScriptError) => void = () => undefined
  const runtime = {
    on(_: string, listener: typeof fail) {
      fail = listener
    },
  }
  panel.follow(runtime as unknown as WasmScriptRuntime, { on: () => undefined } as unknown as Debugger)
  fail(new ScriptError('Trap', 'unreachable'))
  expect(faults).toEqual([])
  await Promise.resolve()
  expect(faults).toEqual(['unreachable'])
})
