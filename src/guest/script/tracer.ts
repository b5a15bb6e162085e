import type { ErrorContext, ScriptFrame, SourceLocation } from '../../errors.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'
import { type CodePlace, originalPlaces, type RewriteOptions } from '../../wasm/rewrite/rewrite.ts'
import { codeFrame } from '../../wasm/text/code-frame.ts'
import { instructionFinder } from '../../wasm/text/instruction-places.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'

/** The end of a script's frame in an engine's stack: the function's index and, but for Safari, the offset. */
const WASM_FRAME = /^wasm-function\[(\d+)\](?::0x([0-9a-f]+))?\)?$/
const MARK = 'wasm-function['
/** What stands before it: the module, after the function's name. A script gives itself its names, however long. */
const LONGEST_URL = 100
/** Frames that are kept. */
const MOST_FRAMES = 10

/** Tells the functions of a script that an error came through, and where in its text they were. */
export class ScriptTracer {
  #source: SourceModule
  readonly #module: DecodedModule
  readonly #options: RewriteOptions
  #places: ((offset: number) => CodePlace | undefined) | undefined
  #find: ((offset: number) => { readonly line: number; readonly column: number } | undefined) | undefined
  /** What was found before, by offset: a script may trap at one place for each of its entities. */
  readonly #texts = new Map<string, string>()
  readonly #known = new Map<string, ScriptFrame | undefined>()

  constructor(source: SourceModule, module: DecodedModule, options: RewriteOptions) {
    this.#source = source
    this.#module = module
    this.#options = options
  }

  /** Takes another text of the same module: locations are given in it from now on. */
  replaceText(source: SourceModule): void {
    this.#source = source
    this.#find = undefined
    this.#texts.clear()
    this.#known.clear()
  }

  /** The frames of the script at the top of an error's stack, the innermost first, and the text around the first. */
  trace(error: unknown): Pick<ErrorContext, 'location' | 'frame' | 'trace'> {
    const trace = this.#frames(error)
    const [first] = trace
    if (first === undefined) return {}
    const { location } = first
    if (location === undefined || this.#source.text === undefined) return { trace }
    const key = `${location.line}:${location.column}`
    const frame = this.#texts.get(key) ?? codeFrame(this.#source.text, location)
    this.#texts.set(key, frame)
    return { trace, location, frame }
  }

  #frames(error: unknown): ScriptFrame[] {
    const frames: ScriptFrame[] = []
    if (!(error instanceof Error) || typeof error.stack !== 'string') return frames
    let url: string | undefined
    for (const line of error.stack.split('\n')) {
      const at = line.lastIndexOf(MARK)
      const [matched, index = '', offset] = at < 0 ? [] : (WASM_FRAME.exec(line.slice(at).trimEnd()) ?? [])
      if (matched === undefined) continue
      const before = line.slice(Math.max(0, at - LONGEST_URL), at)
      const from = before.slice(Math.max(before.lastIndexOf('('), before.lastIndexOf('@'), before.lastIndexOf(' ')) + 1)
      // Another module's functions are another script's.
      url ??= from
      if (from !== url || frames.length === MOST_FRAMES) break
      const frame = this.#frame(Number(index), offset === undefined ? undefined : Number.parseInt(offset, 16))
      if (frame !== undefined) frames.push(frame)
    }
    return frames
  }

  #frame(functionIndex: number, offset: number | undefined): ScriptFrame | undefined {
    const key = `${functionIndex}:${offset ?? ''}`
    if (this.#known.has(key)) return this.#known.get(key)
    this.#places ??= originalPlaces(this.#module, this.#options)
    const place = offset === undefined ? undefined : this.#places(offset)
    // What was put in has no place of its own: the driver of `update` is `update`.
    const known = functionIndex < this.#module.functions.length ? functionIndex : place?.functionIndex
    const location = place === undefined ? undefined : this.#location(place.offset)
    const frame = known === undefined ? undefined : { function: this.#nameOf(known), ...(location !== undefined && { location }) }
    this.#known.set(key, frame)
    return frame
  }

  #location(offset: number): SourceLocation | undefined {
    const { text, file } = this.#source
    if (text === undefined) return undefined
    this.#find ??= instructionFinder(text, this.#module)
    const place = this.#find(offset)
    return place === undefined ? undefined : { file, ...place }
  }

  #nameOf(functionIndex: number): string {
    const own = this.#module.names.functions.get(functionIndex)
    if (own !== undefined) return own
    const exported = this.#module.exports.find(({ kind, index }) => kind === 'func' && index === functionIndex)
    return exported?.name ?? `function ${functionIndex}`
  }
}
