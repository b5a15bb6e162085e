import type { SourceModule } from '../../wasm/text/source-module.ts'
import { ScriptTracer, type TracedModule } from './tracer.ts'

/** How V8 begins the URL of a module: its name, if it has one, and a hash follow. */
const V8_URL = 'wasm://wasm/'

/** Finds the functions of a program of several modules, which V8 tells apart by their names. */
export class LinkedTracer extends ScriptTracer {
  readonly #name: string | undefined
  readonly #others: readonly LinkedTracer[]

  /** `source` is that of `main`; `others` are the modules that it calls, which have no text. */
  constructor(source: SourceModule, main: TracedModule, others: readonly TracedModule[] = []) {
    super(source, main)
    this.#name = main.core.options.name
    const { text: _, reader: __, ...binary } = source
    this.#others = others.map((each) => new LinkedTracer(binary, each))
  }

  protected override tracerAt(url: string): ScriptTracer | undefined {
    if (!url.startsWith(V8_URL)) return this
    return [this, ...this.#others].find((each) => each.#name === undefined || url.startsWith(`${V8_URL}${each.#name}-`))
  }
}
