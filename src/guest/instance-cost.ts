import type { Limits } from '../abi/limits.ts'
import { MEMORY_BYTES_SHIFT, PRICES, TABLE_ELEMENT_SHIFT } from '../abi/prices.ts'
import type { DecodedModule } from '../wasm/format/module.ts'

/** Returns the price of an instance of a module: the engine makes its memories and writes its segments, and the host creates its objects. */
export function priceOfInstance(module: DecodedModule): number {
  const { elements, data, memories, imports, exports, globals, tables } = module
  const written = elements.reduce((sum, { mode, length }) => sum + (mode === 'active' ? length : 0), 0)
  const sizes = tables.reduce((sum, { limits }) => sum + limits.minimum, 0)
  const bytes = data.reduce((sum, { mode, range }) => sum + (mode === 'active' ? range.end - range.start : 0), 0)
  return (
    PRICES.instance +
    PRICES.instanceMemory * memories.length +
    PRICES.instancePage * pagesOf(module) +
    PRICES.instanceName * (imports.length + exports.length) +
    PRICES.instanceGlobal * globals.length +
    PRICES.instanceVector * globals.filter(({ mutable, value }) => mutable && value === 'v128').length +
    PRICES.instanceSegment * (data.length + elements.length) +
    ((written + sizes) << TABLE_ELEMENT_SHIFT) +
    (bytes >> MEMORY_BYTES_SHIFT)
  )
}

/** Returns the pages with which the memories of a module begin. */
export function pagesOf({ memories }: DecodedModule): number {
  return memories.reduce((sum, { minimum }) => sum + minimum, 0)
}

/** Returns what an instance takes beside its memories, as measured on V8: the objects of the host, and the engine's tables. */
export function bytesBesideMemory({ tables, imports, exports, globals }: DecodedModule, { tableElements }: Limits): number {
  const elements = tables.reduce((sum, table) => sum + (table.limits.maximum ?? tableElements), 0)
  return 8192 + 32 * Math.min(elements, tableElements) + 512 * (imports.length + exports.length) + 192 * globals.length
}
