import type { ScriptFrame } from '../../errors.ts'
import type { LinkedImports } from '../../host/link/linker.ts'
import type { CoreModule } from '../core-module.ts'
import type { ScriptLink } from '../module-description.ts'

/**
 * Returns how a module reaches the fields of components, and why if it calls host functions: `withoutWindow` is a reason. `frameAt` says
 * where an instruction is.
 */
export function linkOf(
  core: CoreModule,
  imports: LinkedImports,
  withoutWindow: string | undefined,
  frameAt: (offset: number) => ScriptFrame,
): ScriptLink {
  const { vector } = core.rewritten
  const isVector = vector !== undefined && !('why' in vector)
  const path = withoutWindow === undefined ? pathOf(core, imports) : { path: 'host' as const, why: withoutWindow }
  return {
    ...path,
    vector: isVector,
    loops: core.rewritten.loops,
    // To find the place takes the whole text, which a load does not need.
    get obstacle() {
      return isVector || vector === undefined ? undefined : { why: vector.why, ...frameAt(vector.at) }
    },
  }
}

function pathOf({ rewritten }: CoreModule, { hosted, code }: LinkedImports): Pick<ScriptLink, 'path' | 'why'> {
  const inline = rewritten.window === undefined ? 'inline' : 'window'
  if (hosted.length === 0) return { path: inline, why: undefined }
  const why = `host functions reach ${[...new Set(hosted)].join(', ')}: not in the memory that defineComponents made`
  return { path: code.some(({ accessor }) => accessor !== undefined) ? inline : 'host', why }
}
