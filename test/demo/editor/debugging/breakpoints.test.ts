import type { Debugger } from 'bitscript/devtools'
import { describe, expect, it } from 'vitest'
import { breakpointLines, movesBreakpoints } from '../../../../demo/editor/debugging/breakpoints.ts'
import { followDebugger } from '../../../../demo/editor/debugging/follow-debugger.ts'
import { recordStep } from '../../../../demo/editor/versions.ts'
import { createDocuments, press } from '../parts.ts'

describe('breakpoints', () => {
  const file = 'one\ntwo\nthree'

  it('are at the lines of the text that the game has from a run on', () => {
    const documents = createDocuments([{ name: 'hunter', text: file }])
    press(documents, 'hunter', 'F9', file.indexOf('three'))
    documents.dispatch('hunter', { changes: { from: 0, insert: 'zero\n' } })
    expect(breakpointLines(documents.state('hunter'))).toEqual([3])
    documents.dispatch('hunter', recordStep({ kind: 'try' }))
    const report = { generation: 2, unchanged: false }
    const steps = [{ kind: 'accept', report } as const, { kind: 'rollBack', generation: 1 } as const, { kind: 'replace' } as const]
    for (const [index, line] of [4, 3, 4].entries()) {
      const step = recordStep(steps[index] as (typeof steps)[number])
      expect(movesBreakpoints(documents.state('hunter').update(step))).toBe(true)
      documents.dispatch('hunter', step)
      expect(breakpointLines(documents.state('hunter'))).toEqual([line])
    }
  })

  it('are those of the text that the game runs of a script, and go with a text that is removed', () => {
    const documents = createDocuments([
      { name: 'hunter.ts', text: '// file' },
      { name: 'hunter', text: file },
    ])
    const set: string[] = []
    const setBreakpoints: Debugger['setBreakpoints'] = (script, lines) => void set.push(`${script} ${lines.map(({ line }) => line)}`)
    const debug = { ...{ lineCounts: [], values: [], heat: [], breakpoints: [] }, open: () => Promise.resolve(), setBreakpoints }
    let text = 'hunter'
    let tell = (): void => undefined
    const follower = followDebugger({
      debugging: {
        current: () => debug as unknown as Debugger,
        onChange(listener) {
          tell = listener
          return () => undefined
        },
        scriptOf: (name) => name.replace('.ts', ''),
        textOf: () => text,
      },
      ...{ documents, names: () => ['hunter.ts', 'hunter'], open: () => undefined, say: () => undefined },
    })
    press(documents, 'hunter.ts', 'F9', 0)
    set.length = 0
    text = 'hunter.ts'
    tell()
    expect(set.splice(0)).toEqual(['hunter 1'])
    follower.forget('hunter')
    follower.forget('hunter.ts')
    expect(set).toEqual(['hunter '])
  })
})
