import type { ErrorContext, ScriptFrame, SourceLocation } from '../../errors.ts'
import { abbreviate } from '../../printable.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'
import { type CodePlace, originalPlaces, type RewriteOptions } from '../../wasm/rewrite/rewrite.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'

/** The end of a wasm frame in a stack trace: the index of the function and, except in Safari, the offset. */
const WASM_FRAME = /^wasm-function\[(\d+)\](?::0x([0-9a-f]+))?\)?$/
const MARK = 'wasm-function['
/** How V8 begins the URL of a module: its name, if it has one, and a hash follow. */
const V8_URL = 'wasm://wasm/'
/** Characters before the mark that are searched for the module's URL. Function names before it can be of any length. */
const MAX_URL_LENGTH = 100
/** Frames in a trace. */
const MAX_FRAMES = 10

/** Finds the functions of a script in the stack trace of an error, and their locations in the source text. */
export class ScriptTracer {
  #source: SourceModule
  readonly #module: DecodedModule
  readonly #options: RewriteOptions
  #places: ((offset: number) => CodePlace | undefined) | undefined
  #find: ((offset: number) => { readonly line: number; readonly column: number } | undefined) | undefined
  // Results are cached, since a script may trap at the same place for every entity.
  readonly #codeFrames = new Map<string, string>()
  readonly #frameCache = new Map<string, ScriptFrame | undefined>()

  constructor(source: SourceModule, module: DecodedModule, options: RewriteOptions) {
    this.#source = source
    this.#module = module
    this.#options = options
  }

  /** Replaces the text of the module. Later locations refer to the new text. */
  replaceText(source: SourceModule): void {
    this.#source = source
    this.#find = undefined
    this.#codeFrames.clear()
    this.#frameCache.clear()
  }

  /** Returns the script's frames at the top of an error's stack, the innermost first, and the text around that one. */
  trace(error: unknown): Pick<ErrorContext, 'location' | 'frame' | 'trace'> {
    const trace = this.#frames(error)
    const [first] = trace
    if (first === undefined) return {}
    const { location } = first
    const { text, reader } = this.#source
    if (location === undefined || text === undefined || reader === undefined) return { trace }
    const key = `${location.line}:${location.column}`
    const frame = this.#codeFrames.get(key) ?? reader.codeFrame(text, location)
    this.#codeFrames.set(key, frame)
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
      const before = line.slice(Math.max(0, at - MAX_URL_LENGTH), at)
      const from = before.slice(Math.max(before.lastIndexOf('('), before.lastIndexOf('@'), before.lastIndexOf(' ')) + 1)
      if (this.#isOther(from)) continue
      // Another URL is another module, and so another script.
      url ??= from
      if (from !== url || frames.length === MAX_FRAMES) break
      const frame = this.#frame(Number(index), offset === undefined ? undefined : Number.parseInt(offset, 16))
      if (frame !== undefined) frames.push(frame)
    }
    return frames
  }

  /** Returns whether a URL is that of another module of the program. V8 writes the name of a module into its URL. */
  #isOther(url: string): boolean {
    const { name } = this.#options
    return name !== undefined && url.startsWith(V8_URL) && !url.startsWith(`${V8_URL}${name}-`)
  }

  #frame(functionIndex: number, offset: number | undefined): ScriptFrame | undefined {
    const key = `${functionIndex}:${offset ?? ''}`
    if (this.#frameCache.has(key)) return this.#frameCache.get(key)
    this.#places ??= originalPlaces(this.#module, this.#options)
    const place = offset === undefined ? undefined : this.#places(offset)
    // Inserted functions map to the function they serve: the driver of `update` to `update`.
    const known = functionIndex < this.#module.functions.length ? functionIndex : place?.functionIndex
    const location = place === undefined ? undefined : this.#location(place.offset)
    const frame = known === undefined ? undefined : { function: this.#nameOf(known), ...(location !== undefined && { location }) }
    this.#frameCache.set(key, frame)
    return frame
  }

  #location(offset: number): SourceLocation | undefined {
    const { text, file, reader } = this.#source
    if (text === undefined) return undefined
    this.#find ??= reader?.instructionFinder(text, this.#module)
    const place = this.#find?.(offset)
    return place === undefined ? undefined : { file, ...place }
  }

  #nameOf(functionIndex: number): string {
    const own = this.#module.names.functions.get(functionIndex)
    if (own !== undefined) return abbreviate(own)
    const exported = this.#module.exports.find(({ kind, index }) => kind === 'func' && index === functionIndex)
    return exported === undefined ? `function ${functionIndex}` : abbreviate(exported.name)
  }
}
