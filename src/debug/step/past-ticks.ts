import { invalidOption } from '../../options.ts'
import { type Past, withPast } from '../past/past.ts'
import type { PastParts } from '../past/past-parts.ts'
import type { Direction } from './stop.ts'
import { TickView } from './tick-view.ts'

/** A tick of the past, and which input it is. */
export interface TickInput {
  readonly tick: number
  readonly number: number
}

/** Traced ticks that are kept. */
const MAX_VIEWS = 3

/** The ticks of a past that can be looked at. Those that were traced last are kept. */
export class PastTicks {
  readonly #past: Past
  readonly #views = new Map<number, TickView>()

  constructor(past: Past) {
    this.#past = past
  }

  /** The ticks that are kept, in order. Of one that was played twice, the last. */
  all(): Promise<readonly TickInput[]> {
    return withPast(this.#past, async (parts) => ticksOf(parts))
  }

  /** Goes through the ticks from one on. */
  async *from(tick: number, direction: Direction): AsyncGenerator<TickInput> {
    const ticks = await this.all()
    const isBack = direction === 'back'
    for (const each of isBack ? [...ticks].reverse() : ticks) if (isBack ? each.tick <= tick : each.tick >= tick) yield each
  }

  async has(tick: number): Promise<boolean> {
    return (await this.all()).some((each) => each.tick === tick)
  }

  /** Resolves with the number of the input that is a tick. Rejects with `InvalidOptions` if it is not kept. */
  async numberOf(tick: number): Promise<number> {
    return (await this.all()).find((each) => each.tick === tick)?.number ?? invalidOption(`tick ${tick} is not kept`)
  }

  /** Traces a tick, unless it was traced a short time ago: then its view is the same as then. */
  async viewOf(tick: number): Promise<TickView> {
    const view = this.#views.get(tick) ?? new TickView(await this.#past.trace(tick))
    // The latest is the last.
    this.#views.delete(tick)
    for (const oldest of this.#views.keys()) {
      if (this.#views.size < MAX_VIEWS) break
      this.#views.delete(oldest)
    }
    this.#views.set(tick, view)
    return view
  }
}

function ticksOf({ moments }: PastParts): readonly TickInput[] {
  const ticks = new Map<number, number>()
  for (let number = moments.all[0]?.at ?? moments.end; number < moments.end; number++) {
    const input = moments.inputAt(number)
    if (input?.kind === 'tick') ticks.set(input.tick + 1, number)
  }
  return [...ticks].map(([tick, number]) => ({ tick, number })).sort((one, other) => one.tick - other.tick)
}
