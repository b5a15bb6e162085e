import { describe, expect, it } from 'vitest'
import { narrowGrant } from '../../../../src/runtime/load/manifest/grants.ts'

describe('what two grants both allow', () => {
  it('is what either leaves, name by name', () => {
    expect(narrowGrant({ read: ['Position', 'Health'], spawn: true }, { read: ['Health', 'Life'] })).toEqual({ read: ['Health'] })
    expect(narrowGrant(undefined, { read: ['Health'] })).toEqual({ read: ['Health'] })
  })

  it.each([
    [
      ['math', 'metrics'],
      ['math', 'metrics'],
      ['math', 'metrics'],
    ],
    [['audio'], ['audio.play', 'math.sin'], ['audio.play']],
    // A name may be that of a module or of a function: both allow the function of the module.
    [['audio'], ['play'], ['audio.play', 'play.audio']],
    [
      ['math', 'audio'],
      ['math', 'play'],
      ['math', 'audio.play', 'play.audio'],
    ],
  ])('of the host functions %j and %j is %j', (one, other, both) => {
    expect(narrowGrant({ host: one }, { host: other })?.host).toEqual(both)
  })
})
