import type { Past, Trace } from '../../debug/index.ts'
import type { WasmScriptRuntime } from '../../index.ts'
import type { LineValues } from './line-values.ts'
import type { TickMarks } from './tick-marks.ts'

/** The past of a game, and the code that shows it, which is loaded when it is first needed. */
export interface OpenedPast {
  readonly past: Past
  readonly marks: TickMarks
  readonly lineValues: (trace: Trace, index: number) => readonly LineValues[]
  /** Drops the past. */
  end(): void
}

/** Bytes of a past in a page: half of what a game without one may take. */
const BYTES = 128 * 1024 * 1024

/** Starts to keep the past of a game. Rejects if the game cannot be kept. */
export async function openPast(
  runtime: WasmScriptRuntime,
  { seconds = 30, bytes = BYTES }: { readonly seconds?: number; readonly bytes?: number },
): Promise<OpenedPast> {
  const [{ Past }, { lineValues }, { markTicks }] = await Promise.all([
    import('../../debug/index.ts'),
    import('./line-values.ts'),
    import('./tick-marks.ts'),
  ])
  const past = new Past(runtime, { seconds, bytes })
  const marks = markTicks(runtime)
  return {
    ...{ past, marks, lineValues },
    end() {
      marks.dispose()
      past.dispose()
    },
  }
}
