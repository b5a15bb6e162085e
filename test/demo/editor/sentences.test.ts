import { type ReloadReport, ScriptError } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { describeFault, describeRefusal, describeRun } from '../../../demo/editor/sentences.ts'

const report: ReloadReport = {
  script: 'hunter',
  generation: 4,
  unchanged: false,
  state: 'restored',
  carried: [],
  dropped: [],
  ran: [],
  warnings: [],
  ms: { compile: 1, link: 1, state: 1, total: 3.2 },
}
const location = { file: 'hunter', line: 26, column: 4 }

describe('the message of the editor', () => {
  it('about a run', () => {
    expect(describeRun(report)).toBe('hunter: generation 4, state restored, 3 ms')
    expect(describeRun({ ...report, ms: { ...report.ms, total: 0.43 } })).toBe('hunter: generation 4, state restored, 0.4 ms')
    expect(describeRun({ ...report, unchanged: true })).toBe('hunter: the code is the same, generation 4 goes on')
    expect(describeRun({ ...report, generation: 1 })).toBe('hunter runs')
    const dropped = ['global a: it is gone', 'the memory: it moved: up', 'global b: it is gone']
    expect(describeRun({ ...report, state: 'preserved', dropped })).toBe(
      'hunter: generation 4, state preserved, 3 ms; not carried over: global a, global b: it is gone; the memory: it moved: up',
    )
    expect(describeRun({ ...report, state: 'reset', ran: ['init'] })).toBe('hunter: generation 4, state reset, init ran again, 3 ms')
    expect(describeRun({ ...report, warnings: ["it no longer exports 'tick', which the runtime called"] })).toBe(
      "hunter: generation 4, state restored, 3 ms; warning: it no longer exports 'tick', which the runtime called",
    )
  })

  it('about a refused text', () => {
    const error = new ScriptError('InvalidText', 'unexpected token ")".', { location })
    expect(describeRefusal('hunter', error)).toBe('hunter, line 26: unexpected token ")"; the game runs on with the version before')
    expect(describeRefusal('hunter', new TypeError('it is odd'))).toBe('hunter: it is odd; the game runs on with the version before')
    expect(describeRefusal('hunter', 'odd')).toBe('hunter: odd; the game runs on with the version before')
  })

  it('about a fault', () => {
    const fault = new ScriptError('Trap', 'unreachable', { script: 'hunter', entity: 3, location })
    expect(describeFault(fault)).toBe('hunter, line 26, entity 3: unreachable; correct it and run it again')
    expect(describeFault(fault, 'hunter.ts')).toMatch(/^hunter\.ts, line 26, entity 3: /)
    expect(describeFault(new ScriptError('HostError', 'a listener threw'))).toBe(
      'The game: a listener threw; the fault is not in the script',
    )
  })
})
