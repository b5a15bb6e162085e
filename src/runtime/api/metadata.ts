import * as v from 'valibot'
import { EXPORT } from '../../abi/exports.ts'
import { ABI_VERSION } from '../../abi/types.ts'
import { ScriptError } from '../../errors.ts'
import { string } from '../../options.ts'

/** What a script says of itself in `get_metadata`. */
export interface ScriptMetadata {
  readonly name: string
  readonly version: string
  readonly abi?: number
  readonly description?: string
  /** The shape of what `get_state` returns. */
  readonly state_version?: number
}

const schema = v.object(
  {
    name: string('a string'),
    version: string('a string'),
    abi: v.optional(v.custom<number>((value) => typeof value === 'number', 'a number')),
    description: v.optional(string('a string')),
    state_version: v.optional(v.custom<number>(Number.isInteger, 'a whole number')),
  },
  'an object',
)

/** Throws `InvalidMetadata`, `AbiMismatch`. */
export function parseMetadata(value: unknown): ScriptMetadata {
  const result = v.safeParse(schema, value)
  if (!result.success) {
    const [issue] = result.issues
    const path = issue.path?.map((item) => String(item.key)).join('.')
    throw new ScriptError(
      'InvalidMetadata',
      `${path ?? 'the metadata'} must be ${path === undefined || issue.received !== 'undefined' ? issue.message : 'given'}`,
    )
  }
  const { abi = ABI_VERSION } = result.output
  if (abi !== ABI_VERSION) throw new ScriptError('AbiMismatch', `the script is built for ABI ${abi}, and this is ABI ${ABI_VERSION}`)
  return Object.freeze(result.output as ScriptMetadata)
}

/** Reads the metadata of a script. JSON that cannot be read is `InvalidMetadata`. */
export function readMetadata(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ScriptError) || error.code !== 'InvalidJson') throw error
    throw new ScriptError('InvalidMetadata', error.detail, { export: EXPORT.getMetadata, cause: error })
  }
}
