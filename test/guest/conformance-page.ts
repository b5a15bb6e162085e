import { addComponent, addEntity } from 'bitecs'
import { createGame } from '../fixtures/game.ts'
import type { Expect } from './conformance/suite.ts'
import { describeGuest } from './conformance.ts'
import { testedGuests } from './tested-guests.ts'

declare global {
  /** Makes and prepares a component in Node. Resolves with its bytes in Base64. */
  var prepareComponent: (wat: string, wit: string) => Promise<string>
}

async function make(wat: string, wit: string): Promise<Uint8Array> {
  return Uint8Array.from(atob(await prepareComponent(wat, wit)), (character) => character.charCodeAt(0))
}

/** Runs the suite in a page. Resolves with what failed, by title and name; `''` for a case that passed. */
export async function conform(): Promise<Record<string, string>> {
  const cases: (readonly [name: string, run: () => Promise<void>])[] = []
  let title = ''
  const runner = {
    describe(name: string, body: () => void) {
      title = name
      body()
    },
    it: (name: string, run: () => Promise<void>) => void cases.push([`${title} > ${name}`, run]),
    expect,
  }
  for (const guest of testedGuests(make)) describeGuest(guest, runner)
  const results: Record<string, string> = {}
  for (const [name, run] of cases) {
    results[name] = await run().then(
      () => '',
      (error: unknown) => String((error as Error).stack ?? error),
    )
  }
  return results
}

/** Runs a compiled script in a page until it traps. Resolves with the frames of the trap. */
export async function framesOfTrap(module: string): Promise<readonly string[]> {
  const { world, components, runtime, errors } = await createGame()
  const id = await runtime.loadModule(
    Uint8Array.from(atob(module), (character) => character.charCodeAt(0)),
    { name: 'traps' },
  )
  const entity = addEntity(world)
  addComponent(world, entity, components.Position)
  components.Position.x[entity] = 1
  runtime.attach(entity, id)
  runtime.tick(1)
  return (errors[0]?.trace ?? []).map(({ function: name, location }) => `${name} ${location?.file}:${location?.line}:${location?.column}`)
}

/** The matchers that the suite uses, as those of Vitest. */
const expect: Expect = (actual) => ({
  toEqual: (expected) => check(matches(actual, expected, true), actual, expected),
  toMatchObject: (expected) => check(matches(actual, expected, false), actual, expected),
  toContain: (part) => check(String(actual).includes(part), actual, part),
})

function check(passes: boolean, actual: unknown, expected: unknown): void {
  if (!passes) throw new Error(`expected ${show(expected)}, and got ${show(actual)}`)
}

function matches(actual: unknown, expected: unknown, isWhole: boolean): boolean {
  if (typeof expected !== 'object' || expected === null) return Object.is(actual, expected)
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual) !== Array.isArray(expected)) return false
  const [own, wanted] = [actual, expected] as Record<string, unknown>[]
  if ((isWhole || Array.isArray(expected)) && Object.keys(own ?? {}).length !== Object.keys(wanted ?? {}).length) return false
  return Object.keys(wanted ?? {}).every((key) => matches(own?.[key], wanted?.[key], isWhole))
}

function show(value: unknown): string {
  return (
    JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each instanceof Error ? String(each) : each)) ??
    'undefined'
  )
}
