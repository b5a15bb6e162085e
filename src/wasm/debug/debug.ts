import type { DecodedModule } from '../format/module.ts'
import type { SourceModule } from '../text/source-module.ts'
import type { SourcePlaces } from '../text/source-places.ts'
import { DebugPlaces } from './debug-places.ts'

// What only a module with debug information needs, as one chunk.

/** Returns what leads to the sources of a module. `renamed` is the module that runs, whose offsets are asked for. */
export function debugPlaces(source: SourceModule, renamed: DecodedModule, original: DecodedModule): SourcePlaces {
  return new DebugPlaces(source, renamed, original)
}
