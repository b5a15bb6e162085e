import { ArrayCopy, type ArrayKeeper, COPIES } from '../../array-image.ts'
import type { InstanceImage } from '../../wasm/instance/instance-state.ts'
import type { GuestState } from '../guest.ts'
import type { Variables } from './variables.ts'

/** The state of a module that a plugin imports. */
interface LinkedState {
  readonly name: string
  readonly state: GuestState
}

/** Saves and restores the state of a plugin: that of its modules, and its variables. The kernel keeps nothing between calls. */
export class PluginState implements GuestState {
  readonly #state: GuestState
  readonly #linked: readonly LinkedState[]
  readonly #variables: Variables

  constructor(state: GuestState, linked: readonly LinkedState[], variables: Variables) {
    this.#state = state
    this.#linked = linked
    this.#variables = variables
  }

  save(path = '', keeper: ArrayKeeper = COPIES): InstanceImage {
    return {
      ...this.#state.save(path, keeper),
      // Their bytes never change: images share them.
      variables: new Map([...this.#variables.all].map(([name, bytes]) => [name, new ArrayCopy(bytes)])),
      ...(this.#linked.length > 0 && {
        linked: new Map(this.#linked.map(({ name, state }) => [name, state.save(`${path} module ${name}`, keeper)])),
      }),
    }
  }

  canHold(image: InstanceImage): boolean {
    return this.#state.canHold(image) && this.#linked.every(({ name, state }) => canHold(state, image.linked?.get(name)))
  }

  overwrite(parts: Omit<InstanceImage, 'of' | 'tables'>): void {
    this.#state.overwrite(parts)
  }

  restore(image: InstanceImage): readonly number[] {
    this.#variables.replace([...(image.variables ?? [])].map(([name, bytes]) => [name, bytes.read().slice()]))
    const lost = [...this.#state.restore(image)]
    for (const { name, state } of this.#linked) {
      const own = image.linked?.get(name)
      if (own !== undefined) lost.push(...state.restore(own))
    }
    return lost
  }
}

function canHold(state: GuestState, image: InstanceImage | undefined): boolean {
  return image !== undefined && state.canHold(image)
}
