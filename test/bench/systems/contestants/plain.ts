import { importFresh } from '../../fresh.ts'
import type { Contestant } from '../contestant.ts'
import type { Program } from '../program.ts'

/** An ordinary bitECS system, which rounds to f32 where wasm does: what the others are compared with. */
export const plain: Contestant = makeContestant('plain JavaScript', Math.fround)

/** The same as one writes it who does not care for the last bits. */
export const plainUnrounded: Contestant = makeContestant('plain JavaScript, f64', (value) => value)

function makeContestant(name: string, round: (value: number) => number): Contestant {
  return {
    name,
    exact: round === Math.fround,
    async prepare({ url }, stage) {
      const { program } = await importFresh<{ program: Program }>(url)
      return { tick: program.plain(stage, round), dispose: () => undefined }
    },
  }
}
