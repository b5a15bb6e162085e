import { describe, expect, it } from 'vitest'
import { SourcePaths } from '../../../src/debug/session/source-paths.ts'

describe('the path of a file', () => {
  it.each([
    ['scripts/mover.wat', '/game/scripts/mover.wat'],
    ['/other/mover.wat', '/other/mover.wat'],
    ['C:\\game\\mover.wat', 'C:\\game\\mover.wat'],
    ['file:///game/my%20mover.wat', '/game/my mover.wat'],
    ['file:///C:/game/mover.wat', 'C:/game/mover.wat'],
  ])('%s is %s', (file, path) => {
    expect(new SourcePaths('/game/').pathOf({ file })).toBe(path)
  })

  it.each(['mover', 'https://example.com/mover.wat', 'file:///game/100%.wat', 'file://['])(
    '%s is none, so an editor asks for its text',
    (file) => {
      expect(new SourcePaths('/game').pathOf({ file })).toBeUndefined()
    },
  )
})
