import { ScriptError } from '../../errors.ts'
import { suggest } from '../../nearest-name.ts'
import { isRecord } from '../../options.ts'
import { abbreviate } from '../../printable.ts'

/** The kinds of value that a script can import from its config. */
export type ConfigKind = 'number' | 'flag'

const TYPES = { number: 'number', flag: 'boolean' } as const

/**
 * Returns the value at a path such as `gun.speed` of a config; a flag is 0 or 1. Throws `UnknownImport` if there is none, `InvalidOptions` for
 * one of another type.
 */
export function configValue(config: unknown, kind: ConfigKind, path: string): number {
  const label = `config.${kind}::${abbreviate(path)}`
  let at = config
  let passed = ''
  for (const key of path.split('.')) {
    const keys = isRecord(at) ? Object.keys(at) : []
    if (!isRecord(at) || !Object.hasOwn(at, key)) {
      const names = keys.map((each) => `${passed}${each}`)
      throw new ScriptError('UnknownImport', `${label} is not in the config of the script${suggest(`${passed}${key}`, names)}`)
    }
    at = at[key]
    passed += `${key}.`
  }
  if (typeof at === TYPES[kind] && !Number.isNaN(at)) return Number(at)
  const other = typeof at === 'boolean' ? 'flag' : typeof at === 'number' ? 'number' : undefined
  const advice = other === undefined ? '' : `; import it from config.${other}, or change it`
  throw new ScriptError(
    'InvalidOptions',
    `the config has ${describe(at)} at '${abbreviate(path)}', and ${label} needs ${WANTED[kind]}${advice}`,
  )
}

const WANTED = { number: 'a number', flag: 'true or false' } as const

function describe(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return 'a text'
  return typeof value === 'number' ? 'a number' : Array.isArray(value) ? 'a list' : 'an object'
}
