import type { LoadOptions, RuntimeOptions, ScriptError, ScriptId, ScriptSource } from 'bitscript'
import { createGame, errorOf, type Game } from '../../fixtures/game.ts'
import { type Ability, type Program, Refused, type TestedGuest } from './programs.ts'

/** The matchers of Vitest that the suite uses. The page has its own: see `conformance-page.ts`. */
export type Expect = (actual: unknown) => {
  toEqual(expected: unknown): void
  toMatchObject(expected: object): void
  toContain(part: string): void
}

/** What runs the tests: Vitest, or a page. */
export interface TestRunner {
  readonly describe: (title: string, body: () => void) => void
  readonly it: (name: string, body: () => Promise<void>) => void
  readonly expect: Expect
}

/** A game and one script in it. */
export interface Loaded extends Game {
  readonly id: ScriptId
  /** Calls an export by `callJson`. */
  json(name: string, argument?: unknown): unknown
}

/** A number of cases about one thing. */
export type Chapter = (suite: Suite) => void

/** What the chapters are written with. */
export interface Suite extends TestRunner {
  readonly guest: TestedGuest
  /** Creates a game in which what never ends is over soon. */
  play(options?: Partial<RuntimeOptions>): Promise<Game>
  /** Loads a program into a game. A program that the guest cannot have ends the case, once its refusal was checked. */
  add(game: Game, program: Program, options?: LoadOptions): Promise<ScriptId>
  /** Loads a program into a game of its own. */
  load(program: Program, options?: LoadOptions, game?: Partial<RuntimeOptions>): Promise<Loaded>
  /** The source of a program, to reload with. Ends the case as `add` does. */
  source(program: Program): Promise<ScriptSource>
  /** Returns the error of work that must fail. */
  errorOf(work: Promise<unknown> | (() => unknown)): Promise<ScriptError>
  /** Runs work that needs an ability. Where the guest lacks it, checks that the work is refused, and ends the case. */
  needs<Result>(ability: Ability, work: () => Result | Promise<Result>): Promise<Result>
}

/** Fuel of a tick or a call. */
const FUEL = 2_000_000

/** Ends a case of which there is no more to test. */
class Ended extends Error {}

export function createSuite(guest: TestedGuest, runner: TestRunner): Suite {
  const { it, expect } = runner
  const play: Suite['play'] = (options) => createGame({ seed: 7, limits: { fuel: FUEL }, ...options })
  const source = async (program: Program): Promise<ScriptSource> => {
    if (typeof program === 'function') return program()
    if (!(program instanceof Refused)) return program
    const { runtime } = await play()
    const given = await program.source
    expect((await errorOf(runtime.loadModule(given))).message).toContain(program.sentence)
    throw new Ended()
  }
  const add: Suite['add'] = async ({ runtime }, program, options) => runtime.loadModule(await source(program), options)
  return {
    ...runner,
    guest,
    play,
    source,
    add,
    errorOf,
    it: (name, body) =>
      it(name, () =>
        body().catch((error: unknown) => {
          if (!(error instanceof Ended)) throw error
        }),
      ),
    async load(program, options, given) {
      const game = await play(given)
      const id = await add(game, program, { name: 'guest', ...options })
      return { ...game, id, json: (name, argument) => game.runtime.callJson(id, name, argument) }
    },
    async needs(ability, work) {
      const sentence = guest.cannot?.[ability]
      if (sentence === undefined) return work()
      expect((await errorOf(async () => work())).message).toContain(sentence)
      throw new Ended()
    },
  }
}

/** Runs a number of ticks of half a second. */
export function ticks({ runtime }: Game, count: number): void {
  for (let tick = 0; tick < count; tick++) runtime.tick(0.5)
}

/** Spawns entities with a position and health, on which the script runs. */
export function crowd({ runtime, id }: Loaded, count: number): readonly number[] {
  return Array.from({ length: count }, () => {
    const entity = runtime.spawn({ Position: {}, Health: {} })
    runtime.attach(entity, id)
    return entity
  })
}
