import { ArrayCopy, type ArrayKeeper } from '../../array-image.ts'
import type { InstanceImage } from '../../wasm/instance/instance-state.ts'
import type { GuestState } from '../guest.ts'
import { LinkedState, type NamedState } from '../linked-state.ts'
import type { Variables } from './variables.ts'

/** Saves and restores the state of a plugin: that of its modules, and its variables. The kernel keeps nothing between calls. */
export class PluginState extends LinkedState {
  readonly #variables: Variables

  constructor(state: GuestState, linked: readonly NamedState[], variables: Variables) {
    super(state, linked)
    this.#variables = variables
  }

  override save(path?: string, keeper?: ArrayKeeper): InstanceImage {
    // Their bytes never change: images share them.
    const variables = new Map([...this.#variables.all].map(([name, bytes]) => [name, new ArrayCopy(bytes)]))
    return { ...super.save(path, keeper), variables }
  }

  override restore(image: InstanceImage): readonly number[] {
    this.#variables.replace([...(image.variables ?? [])].map(([name, bytes]) => [name, bytes.read().slice()]))
    return super.restore(image)
  }
}
