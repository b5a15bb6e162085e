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

describe('the path of a file of the game that called the runtime', () => {
  const there = (file: string): string | undefined => (file === 'sim/index.ts' ? '/game/sim/index.ts' : undefined)
  it.each([
    ['sim/index.ts', '/game/sim/index.ts'],
    ['/game/sim/index.js', '/game/sim/index.js'],
    ['C:\\game\\index.js', 'C:\\game\\index.js'],
    ['file:///game/my%20sim.ts', '/game/my sim.ts'],
    ['sim/gone.ts', undefined],
    ['http://localhost:5173/main.ts', undefined],
    ['node:events', undefined],
  ])('%s is %s', (file, path) => {
    expect(new SourcePaths(undefined, there).pathOfCaller({ file, line: 1, column: 1 })).toBe(path)
  })
})
