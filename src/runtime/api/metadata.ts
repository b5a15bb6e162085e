import * as v from 'valibot'
import { EXPORT } from '../../abi/exports.ts'
import { ABI_VERSION } from '../../abi/types.ts'
import { ScriptError } from '../../errors.ts'
import { isRecord, string } from '../../options.ts'

/** The result of a script's `get_metadata`. */
export interface ScriptMetadata {
  /** The name that the script gives itself. The runtime identifies it by `ScriptInfo.name`. */
  readonly name: string
  /** The version of the script, such as `1.2.0`. */
  readonly version: string
  /** The ABI version that the script was built for. @default ABI_VERSION */
  readonly abi?: number
  /** What the script does. */
  readonly description?: string
  /** The version of the shape that `get_state` returns. After a reload, `set_state` can read it. @default 0 */
  readonly state_version?: number
}

const FIELDS: Readonly<Record<keyof ScriptMetadata, v.GenericSchema>> = {
  name: string('a string'),
  version: string('a string'),
  abi: v.optional(v.custom<number>((value) => typeof value === 'number', 'a number')),
  description: v.optional(string('a string')),
  state_version: v.optional(v.custom<number>(Number.isInteger, 'a whole number')),
}

/** Checks the metadata of a script and returns it. Throws `InvalidMetadata`, `AbiMismatch`. */
export function parseMetadata(value: unknown): ScriptMetadata {
  if (!isRecord(value)) throw new ScriptError('InvalidMetadata', 'the metadata must be an object')
  const metadata: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries(FIELDS)) {
    const field = value[name]
    const [issue] = v.safeParse(schema, field).issues ?? []
    if (issue !== undefined) throw new ScriptError('InvalidMetadata', `${name} must be ${field === undefined ? 'given' : issue.message}`)
    if (field !== undefined) metadata[name] = field
  }
  const { abi = ABI_VERSION } = metadata
  if (abi !== ABI_VERSION) throw new ScriptError('AbiMismatch', `the script is built for ABI ${abi}, and this is ABI ${ABI_VERSION}`)
  return Object.freeze(metadata) as unknown as ScriptMetadata
}

/** Calls `read`, and reports JSON that cannot be parsed as `InvalidMetadata`. */
export function readMetadata(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ScriptError) || error.code !== 'InvalidJson') throw error
    throw new ScriptError('InvalidMetadata', error.detail, { export: EXPORT.getMetadata, cause: error })
  }
}
