import { importFresh } from '../../fresh.ts'
import type { Contestant } from '../contestant.ts'
import type { Program } from '../program.ts'

/** An ordinary bitECS system, which the others are compared with. It computes in f64. */
export const plain: Contestant = makeContestant('plain JavaScript', (value) => value)

/** The same, rounded to f32 where wasm rounds. The results of the others must agree with it. */
export const plainRounded: Contestant = makeContestant('plain JavaScript, rounded', Math.fround)

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
