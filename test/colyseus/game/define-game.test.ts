import { createHash } from 'node:crypto'
import { defineGame, startGame } from 'bitscript/colyseus'
import * as client from 'bitscript/colyseus/client'
import { describe, expect, it } from 'vitest'

const MOVER = `(module
  (import "ecs.get" "Position.x" (func $x (param i32) (result f32)))
  (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))
  (func (export "update") (param $e i32) (param f32) (call $set_x (local.get $e) (f32.add (call $x (local.get $e)) (f32.const 1)))))`
const OPTIONS = { components: { Position: { x: 'f32' } }, scripts: { mover: MOVER }, capacity: 100 } as const

describe('a game for rooms', () => {
  it('has the same version wherever it is defined by the same', () => {
    const { version } = defineGame(OPTIONS)
    expect(version).toMatch(/^[0-9a-f]{64}$/)
    expect(client.defineGame(OPTIONS).version).toBe(version)
    expect(defineGame({ ...OPTIONS, scripts: { mover: new TextEncoder().encode(MOVER) } }).version).toBe(version)
    expect(defineGame({ ...OPTIONS, scripts: { mover: { source: MOVER } } }).version).toBe(version)
  })

  it('has the SHA-256 of what defines it as its version', () => {
    const described = {
      abi: 1,
      components: [['Position', [['x', 'f32']]]],
      capacity: 100,
      relations: [],
      scripts: [['mover', createHash('sha256').update(MOVER).digest('hex'), []]],
      host: [],
      seed: 0,
      limits: [],
    }
    expect(defineGame(OPTIONS).version).toBe(createHash('sha256').update(JSON.stringify(described)).digest('hex'))
  })

  it.each([
    { components: { Position: { x: 'f64' } } },
    { components: { Position: { x: 'f32' }, Dead: {} } },
    { scripts: { mover: `${MOVER} ` } },
    { scripts: { mover: { source: MOVER, order: 1 } } },
    { relations: { ChildOf: { exclusive: true } } },
    { host: { audio: { play: () => {} } } },
    { host: { audio: { version: '1.0.1', play: () => {} } } },
    { seed: 1 },
    { limits: { fuel: 1000 } },
    { capacity: 101 },
  ])('has another version with %j', (changed) => {
    const versions = [{}, { host: { audio: { version: '1.0.0', play: () => {} } } }].map(
      (each) => defineGame({ ...OPTIONS, ...each }).version,
    )
    expect(versions).not.toContain(defineGame({ ...OPTIONS, ...(changed as object) }).version)
  })

  it('does not depend on the order of options', () => {
    const one = { source: MOVER, order: 1, limits: { fuel: 10, messages: 5 } }
    const other = { limits: { messages: 5, fuel: 10 }, order: 1, source: MOVER }
    expect(defineGame({ ...OPTIONS, scripts: { mover: one } }).version).toBe(defineGame({ ...OPTIONS, scripts: { mover: other } }).version)
  })

  it('cannot be changed', () => {
    const bytes = new TextEncoder().encode(MOVER)
    const game = defineGame({ ...OPTIONS, scripts: { mover: bytes } })
    bytes.fill(0)
    expect(new TextDecoder().decode(game.scripts[0]?.bytes)).toBe(MOVER)
    expect(() => Object.assign(game.components.Position, { x: 'f64' })).toThrow(TypeError)
  })

  it.each([
    [{ components: { 'a b': {} } }, "the component 'a b' must have a name without spaces"],
    [{ components: { Position: { x: 'f16' } } }, 'the type of Position.x must be one of'],
    [{ scripts: { mover: new URL('file:///mover.wat') } }, "the script 'mover' must be WAT text or bytes"],
    [{ scripts: { mover: { source: MOVER, name: 'other' } } }, "leave the option 'name' out"],
    [{ capacity: 2 ** 21 }, 'at most 1048576'],
    [{ relations: { ChildOf: { exclusiv: true } } }, 'exclusiv'],
    [{ sede: 1 }, 'sede'],
  ])('refuses %j', (wrong, message) => {
    expect(() => defineGame({ ...OPTIONS, ...(wrong as object) })).toThrow(
      expect.objectContaining({ code: 'InvalidOptions', message: expect.stringContaining(message) }),
    )
  })

  it('is started once for each room', async () => {
    const game = defineGame({ ...OPTIONS, relations: { Owes: { data: ['amount'] } } })
    const [one, other] = await Promise.all([startGame(game), startGame(game)])
    const entity = one.runtime.spawn({ Position: { x: 1 } })
    one.runtime.attach(entity, one.scripts.mover as never)
    one.runtime.tick(1)
    expect(one.components.Position.x[entity]).toBe(2)
    expect(other.components.Position.x[entity]).toBe(0)
    expect(other.relations.Owes).not.toBe(one.relations.Owes)
    for (const { runtime } of [one, other]) runtime.dispose()
  })
})
