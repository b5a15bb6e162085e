import type { ScriptFrame, SourceLocation } from '../../errors.ts'
import { instructionOffsets } from '../../wasm/decode/instruction-offsets.ts'
import { type DecodedModule, hasDebugInformation, importedFunctions } from '../../wasm/format/module.ts'
import type { StatementPlace } from '../../wasm/text/instruction-places.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'

/** Leads from the instructions of a module to the statements of its source. */
export interface ModulePlaces {
  /** Returns the offsets of a function at which a statement begins. */
  readonly statementsOf: (functionIndex: number) => ReadonlySet<number>
  /** Returns the place of a statement that begins at an offset, or of another instruction; `undefined` if it is unknown. */
  readonly placeOf: (functionIndex: number, offset: number) => SourceLocation | undefined
  /** Returns a function that is at an instruction, after those that a compiler inlined there, the innermost first. `name` is that of the function. */
  readonly framesAt: (functionIndex: number, offset: number, name: string) => readonly ScriptFrame[]
}

/** What finds places, as far as a module has any. */
export interface PlaceCode {
  readonly text: typeof import('../../wasm/text/instruction-places.ts') | undefined
  readonly debug: typeof import('../../wasm/debug/debug-places.ts') | undefined
}

/** Loads what finds the places of a program. */
export async function loadPlaceCode(source: SourceModule): Promise<PlaceCode> {
  return {
    text: source.text === undefined ? undefined : await import('../../wasm/text/instruction-places.ts'),
    debug: source.text === undefined ? await import('../../wasm/debug/debug-places.ts') : undefined,
  }
}

/** Returns what finds the places of a module. `renamed` is the module that runs, whose offsets are asked for. */
export function modulePlaces(code: PlaceCode, source: SourceModule, renamed: DecodedModule, original: DecodedModule): ModulePlaces {
  if (source.text !== undefined && code.text !== undefined) return textPlaces(code.text.statementPlaces(source.text), source.file, renamed)
  if (code.debug !== undefined && hasDebugInformation(original))
    return debugPlaces(new code.debug.DebugPlaces(source, renamed, original), renamed)
  return { statementsOf: () => NONE, placeOf: () => undefined, framesAt: (_, __, name) => [{ function: name }] }
}

const NONE: ReadonlySet<number> = new Set()

function textPlaces(functions: readonly (readonly StatementPlace[])[], file: string, module: DecodedModule): ModulePlaces {
  const known = new Map<number, ReadonlyMap<number, { readonly place: SourceLocation; readonly isStart: boolean }>>()
  const placesOf = (functionIndex: number) => {
    const found = known.get(functionIndex)
    if (found !== undefined) return found
    const index = functionIndex - importedFunctions(module)
    const offsets = instructionOffsets(module, index)
    const own = functions.length === module.bodies.length ? functions[index] : undefined
    const seen = new Set<object>()
    const places = new Map<number, { readonly place: SourceLocation; readonly isStart: boolean }>()
    if (own?.length === offsets.length) {
      for (const [ordinal, offset] of offsets.entries()) {
        const { statement, line, column } = own[ordinal] as StatementPlace
        const isStart = !seen.has(statement)
        seen.add(statement)
        places.set(offset, { isStart, place: isStart ? { file, ...statement } : { file, line, column } })
      }
    }
    known.set(functionIndex, places)
    return places
  }
  const placeOf: ModulePlaces['placeOf'] = (functionIndex, offset) => placesOf(functionIndex).get(offset)?.place
  return {
    statementsOf: (functionIndex) => new Set([...placesOf(functionIndex)].flatMap(([offset, { isStart }]) => (isStart ? [offset] : []))),
    placeOf,
    framesAt(functionIndex, offset, name) {
      const location = placeOf(functionIndex, offset)
      return [{ function: name, ...(location && { location }) }]
    },
  }
}

function debugPlaces(
  places: Pick<import('../../wasm/debug/debug-places.ts').DebugPlaces, 'startsIn' | 'framesAt'>,
  module: DecodedModule,
): ModulePlaces {
  const placeOf = (functionIndex: number, offset: number): SourceLocation | undefined =>
    places.framesAt(functionIndex, offset, '')[0]?.location
  return {
    placeOf,
    framesAt: (functionIndex, offset, name) => places.framesAt(functionIndex, offset, name),
    statementsOf(functionIndex) {
      const starts = [...places.startsIn(functionIndex)]
      const statements = new Set<number>()
      let before = ''
      for (const offset of instructionOffsets(module, functionIndex - importedFunctions(module))) {
        if (starts[0] === undefined) break
        if (offset < starts[0]) continue
        while (starts[0] !== undefined && starts[0] <= offset) starts.shift()
        const place = placeOf(functionIndex, offset)
        if (place === undefined) continue
        const line = `${place.file}:${place.line}`
        // A compiler gives the parts of an expression places of their own.
        if (line !== before) statements.add(offset)
        before = line
      }
      return statements
    },
  }
}
