import type { LinkedImports } from '../../host/link/linker.ts'
import type { CoreModule } from '../core-module.ts'
import type { ScriptLink } from '../guest.ts'

/** Returns how a module reaches the fields of components, and why if it calls host functions. */
export function linkOf({ module, options }: CoreModule, { hosted, code }: LinkedImports): ScriptLink {
  if (module.memories.length > 0 && !options.manyMemories)
    return { path: 'host', why: 'it has a memory of its own, and this engine allows one memory in a module' }
  if (hosted.length === 0) return { path: 'inline', why: undefined }
  const why = `host functions reach ${[...new Set(hosted)].join(', ')}: not in the memory that defineComponents made`
  return { path: code.some(({ accessor }) => accessor !== undefined) ? 'inline' : 'host', why }
}
