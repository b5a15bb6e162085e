import { type LoadOptions, type ScriptError, WasmScriptRuntime } from 'bitscript'
import type { Contestant } from '../contestant.ts'
import { bareWat, type Program, watWithMemory } from '../program.ts'
import { TICK_SECONDS } from '../stage.ts'

/** More fuel than any of the worlds needs. */
const LIMITS = { fuel: 2 ** 30 - 1, spawnsPerTick: 10_000_000 }

export const bitscript: Contestant = makeContestant('bitscript', bareWat)
export const bitscriptWithMemory: Contestant = makeContestant('bitscript, own memory', watWithMemory)
export const bitscriptByHost: Contestant = makeContestant('bitscript, host functions', bareWat, 'host')

/** Returns a way to run scripts, linked in one way. */
export function makeContestant(
  name: string,
  wat: (program: Program) => string,
  link: NonNullable<LoadOptions['link']> = 'inline',
): Contestant {
  return {
    name,
    exact: true,
    async prepare(program, { world, components, entities }) {
      const errors: ScriptError[] = []
      const runtime = await WasmScriptRuntime.create({ world, components, limits: LIMITS })
      runtime.on('error', (error) => errors.push(error))
      const script = await runtime.loadModule(wat(program), { name: program.name, link })
      for (const entity of entities) runtime.attach(entity, script)
      return {
        tick() {
          const { faults } = runtime.tick(TICK_SECONDS)
          if (faults > 0) throw new Error(`${program.name} failed in ${name}`, { cause: errors[0] ?? runtime.script(script).fault })
        },
        dispose: () => runtime.dispose(),
      }
    },
  }
}
