import { PAGE_BYTES } from '../abi/types.ts'
import type { Allocation, Reserve } from '../ecs/components/reserve.ts'
import { compileAtOnce } from '../engine/compile.ts'
import { ScriptError } from '../errors.ts'
import type { DecodedModule, MemoryWindow } from '../wasm/format/module.ts'
import type { InstanceMemory } from '../wasm/instance/instance-memory.ts'
import { WindowRange } from '../wasm/instance/window-memory.ts'
import { type RewriteOptions, rewriteModule } from '../wasm/rewrite/rewrite.ts'
import { type WindowCode, windowModule } from '../wasm/rewrite/window/window.ts'

/** A core module that was compiled for a window. */
interface WindowedCode {
  readonly module: DecodedModule
  readonly compiled: WebAssembly.Module
  readonly options: RewriteOptions
}

/** A part of the ECS memory in which a core module has its own memory, and that is given back when its program is disposed of. */
export class CoreWindow {
  readonly #reserve: Reserve
  readonly #pages: number
  #allocation: Allocation | undefined
  #range: WindowRange | undefined
  /** The code for the window as it lies now, if that is not where the program was compiled for. */
  #moved: { readonly base: number; readonly compiled: WebAssembly.Module } | undefined
  #isDisposed = false

  private constructor(reserve: Reserve, pages: number, allocation: Allocation) {
    this.#reserve = reserve
    this.#pages = pages
    this.#allocation = allocation
  }

  /** Allocates a window; returns `undefined` if there is no room for it. */
  static allocate(reserve: Reserve, pages: number): CoreWindow | undefined {
    const allocation = reserve.allocate(pages * PAGE_BYTES)
    return allocation && new CoreWindow(reserve, pages, allocation)
  }

  /** Where it lies, and the code that makes a memory of it. */
  get place(): (MemoryWindow & WindowCode) | undefined {
    return this.#allocation && { base: this.#allocation.address, pages: this.#pages, windowModule }
  }

  /**
   * Makes an instance. One of a program that was disposed of gets a window of its own, until {@link settle}. Throws `OutOfMemory` if there is no
   * room for that, and what `make` throws.
   */
  instantiate(
    code: WindowedCode,
    make: (compiled: WebAssembly.Module) => WebAssembly.Exports,
  ): { readonly exports: WebAssembly.Exports; readonly memory: InstanceMemory } {
    const { compiled, range } = this.#open(code)
    return range.begin(() => make(compiled))
  }

  #open({ module, compiled, options }: WindowedCode): { readonly compiled: WebAssembly.Module; readonly range: WindowRange } {
    this.#allocation ??= this.#reserve.allocate(this.#pages * PAGE_BYTES)
    const { place } = this
    if (place === undefined) throw new ScriptError('OutOfMemory', noRoomFor(this.#pages))
    this.#range ??= new WindowRange(this.#reserve.memory, place)
    if (place.base === options.window?.base) return { compiled, range: this.#range }
    if (this.#moved?.base !== place.base) {
      const { bytes } = rewriteModule(module, { ...options, window: place })
      this.#moved = { base: place.base, compiled: compileAtOnce(bytes) }
    }
    return { compiled: this.#moved.compiled, range: this.#range }
  }

  /** Gives the window back. The instances of the program cannot run any more. */
  dispose(): void {
    this.#isDisposed = true
    this.#range?.close()
    this.#range = undefined
    if (this.#allocation !== undefined) this.#reserve.free(this.#allocation)
    this.#allocation = undefined
  }

  /** Gives the window back that an instance got of a program that was disposed of. */
  settle(): void {
    if (this.#isDisposed) this.dispose()
  }
}

/** Returns the detail of an error for a window that finds no room. */
export function noRoomFor(pages: number): string {
  const bytes = pages * PAGE_BYTES
  return `its memory may take ${bytes} bytes of the ECS memory, and finds no room there; raise reserve in defineComponents, or declare a smaller maximum for the memory`
}
