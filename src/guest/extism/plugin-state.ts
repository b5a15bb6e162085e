import { ArrayCopy, type ArrayKeeper } from '../../array-image.ts'
import { ScriptError } from '../../errors.ts'
import type { InstanceImage } from '../../wasm/instance/instance-state.ts'
import type { GuestState } from '../guest.ts'
import { LinkedState, type NamedState } from '../linked-state.ts'
import type { Kernel } from './kernel.ts'
import type { Variables } from './variables.ts'

/**
 * Saves and restores the state of a plugin: that of its modules, its variables, and the size of the kernel's memory. That memory holds
 * nothing between calls, but a plugin pays for the pages that it grows by.
 */
export class PluginState extends LinkedState {
  readonly #variables: Variables
  readonly #kernel: Kernel

  constructor(state: GuestState, linked: readonly NamedState[], variables: Variables, kernel: Kernel) {
    super(state, linked)
    this.#variables = variables
    this.#kernel = kernel
  }

  override save(path?: string, keeper?: ArrayKeeper): InstanceImage {
    // Their bytes never change: images share them.
    const variables = new Map([...this.#variables.all].map(([name, bytes]) => [name, new ArrayCopy(bytes)]))
    return { ...super.save(path, keeper), variables, scratchPages: this.#kernel.pages }
  }

  override canHold(image: InstanceImage): boolean {
    return super.canHold(image) && this.#kernel.pages <= (image.scratchPages ?? 0)
  }

  override restore({ variables = new Map(), scratchPages = 0, ...image }: InstanceImage): readonly number[] {
    const missing = scratchPages - this.#kernel.pages
    if (missing < 0) throw new ScriptError('StateRejected', 'the state is not of this plugin: the memory of its blocks differs')
    this.#variables.replace([...variables].map(([name, bytes]) => [name, bytes.read().slice()]))
    const lost = super.restore(image)
    if (missing > 0) this.#kernel.exports.memory.grow(missing)
    return lost
  }
}
