import * as v from 'valibot'
import { type Limits, limitsSchema } from '../../abi/limits.ts'
import type { Grant } from '../../host/modules/permissions.ts'
import { boolean } from '../../options.ts'
import { grantSchema } from '../api/load-options.ts'

/** What inputs that are played may do. */
export interface PlayOptions {
  /**
   * Whether the inputs may load scripts of their own. Inputs hold code, which may come from anyone. Code that they give to scripts of the
   * runtime, in reloads, runs with the grant and the limits of those scripts.
   * @default false; inputs that load scripts are refused
   */
  readonly load?: boolean
  /**
   * What scripts that the inputs load may import, in place of what they say. `'recorded'` is what they say: for inputs that you recorded
   * yourself.
   * @default what the scripts of the runtime may import, all together; if one of them may import everything, what the inputs say
   */
  readonly grant?: Grant | 'recorded'
  /**
   * Limits of scripts that the inputs load, in place of those that they say. `'recorded'` is what they say.
   * @default what the inputs say, but no more than the highest of the runtime's scripts, or than the runtime's if there are none
   */
  readonly limits?: Partial<Limits> | 'recorded'
}

const recorded = v.literal('recorded')

/** The schema of each of them. */
export const playEntries: Readonly<Record<keyof PlayOptions, v.GenericSchema>> = {
  load: v.optional(boolean),
  grant: v.optional(v.union([recorded, grantSchema], "a grant or 'recorded'")),
  limits: v.optional(v.union([recorded, limitsSchema], "limits or 'recorded'")),
}
