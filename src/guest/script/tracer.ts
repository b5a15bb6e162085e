import { EXPORT } from '../../abi/exports.ts'
import type { ScriptFrame } from '../../errors.ts'
import { abbreviate } from '../../printable.ts'
import { type DecodedModule, importedFunctions } from '../../wasm/format/module.ts'
import { type CodePlace, originalPlaces } from '../../wasm/rewrite/original-places.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'
import type { PlacedFrame, SourcePlaces, TraceSummary } from '../../wasm/text/source-places.ts'
import type { CoreModule } from '../core-module.ts'

/** The end of a wasm frame in a stack trace: the index of the function and, except in Safari, the offset. */
const WASM_FRAME = /^wasm-function\[(\d+)\](?::0x([0-9a-f]+))?\)?$/
const MARK = 'wasm-function['
/** The URL of a module at the end of a text. */
const URL_END = /[^(@ ]*$/
/** Characters before the mark that are searched for the module's URL. Function names before it can be of any length. */
const MAX_URL_LENGTH = 100
/** Frames in a trace. */
const MAX_FRAMES = 10
/** Frames that are looked at. Before those of its author, a Rust program that panics has ten of the library. */
const MAX_FOUND = 50

/** A core module whose functions are found in stack traces. */
export interface TracedModule {
  readonly core: CoreModule
  /** The module before its imports were renamed. Debug information has its offsets. @default that of core */
  readonly original?: DecodedModule
}

/** Finds the functions of a module in the stack trace of an error, and their places in the source. */
export class ScriptTracer {
  #source: SourceModule
  readonly #core: CoreModule
  readonly #original: DecodedModule
  #originalPlaces: ((offset: number) => CodePlace | undefined) | undefined
  #places: SourcePlaces | undefined
  /** A script may trap at the same place for every entity. */
  readonly #frames = new Map<string, readonly PlacedFrame[]>()

  constructor(source: SourceModule, { core, original = core.module }: TracedModule) {
    this.#source = source
    this.#core = core
    this.#original = original
  }

  /** Replaces the text of the module. Later locations refer to the new text. */
  replaceText(source: SourceModule): void {
    this.#source = source
    this.#places = undefined
    this.#frames.clear()
  }

  /** Returns the script's frames at the top of an error's stack, the innermost first, and the text around the place of the error. */
  trace(error: unknown): TraceSummary {
    const found = this.#find(error)
    const { places } = found.find((each) => each.places !== undefined) ?? {}
    if (places !== undefined) return places.summarize(found, MAX_FRAMES)
    return found.length === 0 ? {} : { trace: found.slice(0, MAX_FRAMES).map(({ frame }) => frame) }
  }

  /** Returns the function in which an instruction of the module is, and its place. */
  frameAt(offset: number): ScriptFrame {
    const { module } = this.#core
    const place = module.bodies.findIndex(({ body }) => offset >= body.start && offset < body.end)
    const [first] = this.#framesOf(place + importedFunctions(module), offset)
    return first?.frame ?? { function: EXPORT.update }
  }

  #find(error: unknown): readonly PlacedFrame[] {
    const found: PlacedFrame[] = []
    if (!(error instanceof Error) || typeof error.stack !== 'string') return found
    const urls = new Map<ScriptTracer, string>()
    for (const line of error.stack.split('\n')) {
      const at = line.lastIndexOf(MARK)
      const [matched, index = '', offset] = at < 0 ? [] : (WASM_FRAME.exec(line.slice(at).trimEnd()) ?? [])
      if (matched === undefined) continue
      const [from = ''] = URL_END.exec(line.slice(Math.max(0, at - MAX_URL_LENGTH), at)) ?? []
      const tracer = this.tracerAt(from)
      if (tracer === undefined) continue
      // Another URL is another module, and so another script.
      if ((urls.get(tracer) ?? from) !== from || found.length > MAX_FOUND) break
      urls.set(tracer, from)
      found.push(...tracer.#framesAt(Number(index), offset === undefined ? undefined : Number.parseInt(offset, 16)))
    }
    return found
  }

  /** Returns what finds the functions of the module with a URL; `undefined` for a module of another program. */
  protected tracerAt(_url: string): ScriptTracer | undefined {
    return this
  }

  /** Returns the frame of a function of the rewritten module, after those of functions that were inlined into it. */
  #framesAt(functionIndex: number, offset: number | undefined): readonly PlacedFrame[] {
    const key = `${functionIndex}:${offset}`
    const cached = this.#frames.get(key)
    if (cached !== undefined) return cached
    const { module, options } = this.#core
    this.#originalPlaces ??= originalPlaces(module, options)
    const place = offset === undefined ? undefined : this.#originalPlaces(offset)
    // Inserted functions map to the function they serve: the driver of `update` to `update`.
    // Functions that pass on their depth have no place: what they call has the frame.
    const known = offset === undefined && functionIndex < module.functions.length ? functionIndex : place?.functionIndex
    const frames = known === undefined ? [] : this.#framesOf(known, place?.offset)
    this.#frames.set(key, frames)
    return frames
  }

  #framesOf(functionIndex: number, offset: number | undefined): readonly PlacedFrame[] {
    const source = this.#source
    const original = this.#original
    const { module, debug } = this.#core
    const exported = original.exports.find(({ kind, index }) => kind === 'func' && index === functionIndex)
    const name = original.names.functions.get(functionIndex) ?? exported?.name ?? `function ${functionIndex}`
    this.#places ??= source.reader?.textPlaces(source, module) ?? debug?.debugPlaces(source, module, original)
    const places = this.#places
    const frames = places?.framesAt(functionIndex, offset, name) ?? [{ function: abbreviate(name) }]
    return frames.map((frame) => ({ frame, places }))
  }
}
