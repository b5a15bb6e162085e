import type { Limits } from '../../abi/limits.ts'
import type { LinkedImports } from '../../host/link/linker.ts'
import type { CoreModule } from '../core-module.ts'
import type { PageRoom } from '../guest.ts'
import type { ScriptTracer } from './tracer.ts'

/** The code of a script, which all its instances share. */
export interface ScriptCode {
  readonly core: CoreModule
  readonly imports: LinkedImports
  readonly limits: Limits
  readonly tracer: ScriptTracer
  readonly room: PageRoom
}
