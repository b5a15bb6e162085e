import { assemble } from '../../wat.ts'
import type { Contestant } from '../contestant.ts'
import { embed } from '../embed.ts'
import type { ScriptExports } from '../loop.ts'
import { bareWat } from '../program.ts'

/** Wasm embedded without a runtime: functions as imports, and a loop that calls the export. */
export const byHand: Contestant = {
  name: 'accessors by hand',
  exact: true,
  async prepare(program, stage) {
    const { accessors, loop } = await embed(program, stage)
    const { instance } = await WebAssembly.instantiate(await assemble(bareWat(program)), accessors.functions)
    return { tick: loop(instance.exports as unknown as ScriptExports), dispose: () => undefined }
  },
}
