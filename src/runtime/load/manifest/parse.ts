import * as v from 'valibot'
import { ScriptError } from '../../../errors.ts'
import { parseJson } from '../../../json.ts'
import { nearestName } from '../../../nearest-name.ts'
import { isRecord } from '../../../options.ts'
import { abbreviate } from '../../../printable.ts'
import type { Manifest } from './manifest.ts'
import { manifestSchema, ONE_SOURCE, sourcelessSchema, TOO_MANY } from './schema.ts'

/** Mistakes that one error lists. */
const MAX_MISTAKES = 20
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** A manifest whose module may be given beside it. */
export type GivenManifest = Omit<Manifest, 'source'> & Partial<Pick<Manifest, 'source'>>

/**
 * Checks a manifest, from its JSON or as an object, and returns a frozen copy. Reads no other file.
 *
 * @throws {ScriptError} InvalidManifest with every mistake and its path, such as `hooks[1].component: must be …`
 * @example
 * const { name, version, requires } = parseManifest(await readFile('mods/doors.script.json', 'utf8'))
 */
export function parseManifest(manifest: string | Uint8Array | object): Manifest {
  return check(manifest, manifestSchema) as Manifest
}

/** Checks a manifest as {@link parseManifest} does, whose module is given beside it: its `source` may be left out. */
export function parseGivenManifest(manifest: string | Uint8Array | object): GivenManifest {
  return check(manifest, sourcelessSchema) as GivenManifest
}

function check(manifest: string | Uint8Array | object, schema: v.GenericSchema): unknown {
  const given = typeof manifest === 'string' || manifest instanceof Uint8Array ? read(manifest) : copy(manifest)
  if (!isRecord(given)) throw new ScriptError('InvalidManifest', `the manifest: must be an object, not ${shown(given)}`)
  const { issues } = v.safeParse(schema, given)
  if (issues === undefined) return freeze(given)
  // A number may be neither whole nor in its range: that is one mistake.
  const mistakes = new Set<string>()
  let more = issues.length
  for (const issue of issues) {
    if (mistakes.size >= MAX_MISTAKES) break
    for (const mistake of mistakesOf(issue, '')) mistakes.add(mistake)
    more--
  }
  const many = mistakes.size + more === 1 ? '' : `it has ${mistakes.size + more} mistakes: `
  throw new ScriptError('InvalidManifest', many + [...mistakes, ...(more > 0 ? [`and ${more} more`] : [])].join('; '))
}

function read(text: string | Uint8Array): unknown {
  try {
    return parseJson((typeof text === 'string' ? text : utf8.decode(text)).replace(/^\ufeff/, ''))
  } catch (cause) {
    throw new ScriptError('InvalidManifest', `the manifest is not JSON: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}

/** Returns the object as its JSON would hold it. */
function copy(manifest: object): unknown {
  try {
    return parseJson(JSON.stringify(manifest))
  } catch (cause) {
    throw new ScriptError('InvalidManifest', `JSON cannot hold the manifest: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}

/** Returns what an issue says, with the path of each mistake. `base` is the path of what a union was tried on. */
function mistakesOf(issue: v.BaseIssue<unknown>, base: string): string[] {
  const path = (issue.path ?? []).reduce((place, { key }) => placeIn(place, key), base)
  const inside = issue.type === 'union' ? (issue.issues ?? []).filter(isInside) : []
  if (inside.length > 0) return inside.flatMap((each) => mistakesOf(each, path))
  const where = abbreviate(path === '' ? 'the manifest' : path)
  if (issue.type === 'never') {
    const name = String(issue.path?.at(-1)?.key)
    const known = issue.message.split(' ')
    const nearest = nearestName(name, known)
    return [`${where}: is unknown${nearest === undefined ? `; allowed are ${known.join(', ')}` : `; did you mean '${nearest}'?`}`]
  }
  if (issue.type === ONE_SOURCE || issue.expected === TOO_MANY) return [`${where}: must have ${issue.message}`]
  if (issue.received === 'undefined' && path !== base) return [`${where}: must be given`]
  return [`${where}: must be ${issue.message}, not ${abbreviate(shown(issue.input))}`]
}

/** Returns whether an issue is about a part of a value, or how its parts go together, and not about its type. */
function isInside({ path, type }: v.BaseIssue<unknown>): boolean {
  return path !== undefined || type === ONE_SOURCE
}

function placeIn(place: string, key: unknown): string {
  if (typeof key === 'number') return `${place}[${key}]`
  return place === '' ? String(key) : `${place}.${String(key)}`
}

function shown(input: unknown): string {
  if (Array.isArray(input)) return 'an array'
  return typeof input === 'object' && input !== null ? 'an object' : (JSON.stringify(input) ?? 'nothing')
}

function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) for (const each of Object.values(Object.freeze(value))) freeze(each)
  return value
}
