import { type ArrayKeeper, COPIES } from '../array-image.ts'
import { ScriptError } from '../errors.ts'
import type { InstanceImage } from '../wasm/instance/instance-state.ts'
import type { GuestState } from './guest.ts'

/** The state of a core module with which another is linked. */
export interface NamedState {
  readonly name: string
  readonly state: GuestState
}

/** Saves and restores the state of several core modules that are linked with each other: that of the first, and of the others by name. */
export class LinkedState implements GuestState {
  readonly #state: GuestState
  readonly #others: readonly NamedState[]

  constructor(state: GuestState, others: readonly NamedState[]) {
    this.#state = state
    this.#others = others
  }

  save(path = '', keeper: ArrayKeeper = COPIES): InstanceImage {
    const image = this.#state.save(path, keeper)
    if (this.#others.length === 0) return image
    const linked = new Map(this.#others.map(({ name, state }) => [name, state.save(`${path} module ${name}`, keeper)]))
    return { ...image, linked }
  }

  canHold(image: InstanceImage): boolean {
    const holds = ({ name, state }: NamedState): boolean => {
      const own = image.linked?.get(name)
      return own !== undefined && state.canHold(own)
    }
    return this.#state.canHold(image) && this.#others.every(holds)
  }

  overwrite(parts: Omit<InstanceImage, 'of' | 'tables'>): void {
    this.#state.overwrite(parts)
  }

  restore({ linked = new Map(), ...image }: InstanceImage): readonly number[] {
    if (linked.size !== this.#others.length || !this.#others.every(({ name }) => linked.has(name))) {
      throw new ScriptError('StateRejected', 'the state is of a program with other modules')
    }
    const lost = [...this.#state.restore(image)]
    for (const { name, state } of this.#others) lost.push(...state.restore(linked.get(name) as InstanceImage))
    return lost
  }
}
