import { addEntity, hasComponent, query, removeEntity } from 'bitecs'
import { describe, expect, it } from 'vitest'
import { createGame } from '../fixtures/game.ts'

const OPERANDS = 1500
const CHANGE = '(call $add (global.get $entity)) (call $attach (global.get $entity))'

/** A script whose `go` nests a number of calls of `$large`, then of `$small`, and changes an entity in the innermost. */
const deep = (large: string, atLast: string, more = ''): string => `(module
  (import "ecs.add" "Dead" (func $add (param i32))) (import "ecs" "attach" (func $attach (param i32)))
  (global $sum (mut i64) (i64.const 0)) (global $entity (mut i32) (i32.const 0))
  ${more}
  (func $large (param $depth i32) (param $more i32) ${large})
  (func $small (param $depth i32)
    (if (local.get $depth) (then (call $small (i32.sub (local.get $depth) (i32.const 1)))) (else ${atLast})))
  (func (export "go") (param i32 i32 i32) (global.set $entity (local.get 2)) (call $large (local.get 0) (local.get 1))))`
const INNER = `(if (local.get $depth)
  (then (call $large (i32.sub (local.get $depth) (i32.const 1)) (local.get $more))) (else (call $small (local.get $more))))`

/** Holds many operands while it calls itself. */
const MANY_OPERANDS = deep(
  `${Array.from({ length: OPERANDS }, (_, index) => `(call $operand (i32.const ${index}))`).join(' ')} ${INNER}
   ${'i64.xor '.repeat(OPERANDS - 1)} global.set $sum`,
  CHANGE,
  '(func $operand (param i32) (result i64) (i64.add (global.get $sum) (i64.extend_i32_u (local.get 0))))',
)
/** Ends in a function with nearly the maximum of locals of the largest type, which calls only imports. */
const LARGE_LEAF = deep(
  `(local ${'v128 '.repeat(500)}) ${INNER}`,
  '(call $leaf)',
  `(func $leaf (local ${'v128 '.repeat(49_900)}) ${CHANGE})`,
)

/** Returns the depths near the end of the stack at which a change was left incomplete. */
async function halfChanges(wat: string): Promise<string[]> {
  const { world, components, runtime } = await createGame()
  const id = await runtime.loadModule(wat)
  const changed = [components.Dead, runtime.tag(id)]
  const halves: string[] = []
  let ended = 0
  const go = (depth: number, more: number): boolean => {
    const entity = addEntity(world)
    let code: unknown
    try {
      runtime.call(id, 'go', depth, more, entity)
    } catch (error) {
      code = (error as { code: string }).code
      ended++
    }
    expect([undefined, 'StackOverflow']).toContain(code)
    for (const component of changed) {
      if (hasComponent(world, entity, component) !== query(world, [component]).includes(entity)) halves.push(`${depth} and ${more}`)
    }
    removeEntity(world, entity)
    return code === undefined
  }
  let [deepest, depth] = [0, 1000]
  while (depth - deepest > 1) {
    const middle = (deepest + depth) >> 1
    if (go(middle, 0)) deepest = middle
    else depth = middle
  }
  for (const near of [deepest, Math.max(0, deepest - 1)]) for (let more = 0; more < 400; more++) go(near, more)
  expect(ended).toBeGreaterThan(5)
  return halves
}

describe('the end of the stack', () => {
  it('does not interrupt a change of the world, with functions with many operands', async () => {
    expect(await halfChanges(MANY_OPERANDS)).toEqual([])
  })

  it('does not interrupt a change of the world, with a function with many locals that calls only imports', async () => {
    expect(await halfChanges(LARGE_LEAF)).toEqual([])
  })
})
