import type { Grant } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { codeOf, createGame, errorOf } from '../../fixtures/game.ts'

const ROWS: readonly [string, string, string, Grant][] = [
  ['ecs.get', 'Position.x', '(param i32) (result f32)', { read: ['Position'] }],
  ['ecs.set', 'Position.x', '(param i32 f32)', { write: ['Position'] }],
  ['ecs.has', 'Dead', '(param i32) (result i32)', { read: ['Dead'] }],
  ['ecs.has', 'Dead', '(param i32) (result i32)', { change: ['Dead'] }],
  ['ecs.add', 'Dead', '(param i32)', { change: ['Dead'] }],
  ['ecs.remove', 'Dead', '(param i32)', { change: ['Dead'] }],
  ['ecs.query', 'Position !Dead', '(result i32)', { read: ['Position'], write: ['Dead'] }],
  ['ecs.entity', 'Position', '(param i32) (result i32)', { read: ['Position'] }],
  ['ecs', 'spawn', '(result i32)', { spawn: true }],
  ['ecs', 'despawn', '(param i32)', { spawn: true }],
  ['emit', 'hit', '(param i32)', { emit: ['hit'] }],
  ['host', 'random', '(result f64)', { host: ['random'] }],
  ['host', 'random', '(result f64)', { host: ['host'] }],
  ['math', 'sin', '(param f64) (result f64)', { host: ['math'] }],
  ['audio', 'play', '(param i32)', { host: ['audio'] }],
  ['audio', 'play', '(param i32)', { host: ['audio.play'] }],
]

describe('a grant', () => {
  const importing = (module: string, name: string, type: string): string =>
    `(module (import "${module}" "${name}" (func ${type})) (func (export "a")))`
  const host = { audio: { play: () => undefined } }

  it.each(ROWS)('is needed for %s::%s %s', async (module, name, type, grant) => {
    const { runtime } = await createGame({ host })
    const wat = importing(module, name, type)
    await runtime.loadModule(wat)
    await runtime.loadModule(wat, { grant })
    const error = await errorOf(runtime.loadModule(wat, { grant: {}, name: 'poor' }))
    expect(error).toMatchObject({ code: 'GrantDenied', script: 'poor' })
    expect(error.message).toContain(`${module}::${name}`)
  })

  it('to read does not allow writing, and one to write does not allow reading or changing', async () => {
    const { runtime } = await createGame()
    const set = importing('ecs.set', 'Position.x', '(param i32 f32)')
    expect(await codeOf(runtime.loadModule(set, { grant: { read: ['Position'] } }))).toBe('GrantDenied')
    const get = importing('ecs.get', 'Position.x', '(param i32) (result f32)')
    expect(await codeOf(runtime.loadModule(get, { grant: { write: ['Position'] } }))).toBe('GrantDenied')
    const add = importing('ecs.add', 'Position', '(param i32)')
    expect(await codeOf(runtime.loadModule(add, { grant: { read: ['Position'], write: ['Position'] } }))).toBe('GrantDenied')
  })

  it('is not needed to attach the script itself or to test whether an entity exists', async () => {
    const { runtime } = await createGame()
    for (const [name, type] of [
      ['attach', '(param i32)'],
      ['detach', '(param i32)'],
      ['exists', '(param i32) (result i32)'],
    ] as const) {
      await runtime.loadModule(importing('ecs', name, type), { grant: {} })
    }
  })

  it('applies to every later generation', async () => {
    const { runtime } = await createGame()
    const id = await runtime.loadModule('(module (func (export "a")))', { grant: {} })
    expect(await codeOf(runtime.reloadModule(id, importing('ecs', 'spawn', '(result i32)')))).toBe('GrantDenied')
  })

  it('that names an unknown component is refused', async () => {
    const { runtime } = await createGame()
    const error = await errorOf(runtime.loadModule('(module (func (export "a")))', { grant: { read: ['Positon'] } }))
    expect(error.code).toBe('InvalidOptions')
  })
})
