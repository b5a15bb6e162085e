import type { ScriptFrame, SourceLocation } from '../../errors.ts'
import { abbreviate } from '../../printable.ts'
import type { DecodedModule } from '../format/module.ts'
import { codeFrame } from './code-frame.ts'
import { instructionFinder } from './instruction-places.ts'
import type { SourcePlaces, SourceText } from './source-places.ts'
import { summarizeTrace } from './trace-summary.ts'

/** Returns what leads to the text that a module was assembled from; `undefined` if there is no text. */
export function textPlaces({ text, file }: SourceText, module: DecodedModule): SourcePlaces | undefined {
  return text === undefined ? undefined : new TextPlaces(text, file, module)
}

/** Finds the instructions of a module in its text. */
class TextPlaces implements SourcePlaces {
  readonly #text: string
  readonly #file: string
  readonly #find: ReturnType<typeof instructionFinder>
  /** A script may trap at the same place for every entity. */
  readonly #codeFrames = new Map<string, string>()

  constructor(text: string, file: string, module: DecodedModule) {
    this.#text = text
    this.#file = file
    this.#find = instructionFinder(text, module)
  }

  framesAt(_functionIndex: number, offset: number | undefined, name: string): readonly ScriptFrame[] {
    const place = offset === undefined ? undefined : this.#find(offset)
    return [{ function: abbreviate(name), ...(place !== undefined && { location: { file: this.#file, ...place } }) }]
  }

  codeFrame(location: SourceLocation): string {
    const key = `${location.line}:${location.column}`
    const frame = this.#codeFrames.get(key) ?? codeFrame(this.#text, location)
    this.#codeFrames.set(key, frame)
    return frame
  }

  isOwn(): boolean {
    return true
  }

  readonly summarize: SourcePlaces['summarize'] = summarizeTrace
}
