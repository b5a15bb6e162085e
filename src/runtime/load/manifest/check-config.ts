import { type Schema, Validator } from '@cfworker/json-schema'
import { describeThrown, ScriptError } from '../../../errors.ts'
import { invalidOption, isRecord } from '../../../options.ts'
import { abbreviate } from '../../../printable.ts'

/** Mistakes that one error lists. */
const MAX_MISTAKES = 10
/** The characters of a schema times those of a config that it checks. The check takes time in proportion to it: about half a second at most. */
const MAX_WORK = 1 << 24
/** Keywords by which a few characters of a schema, which may be a stranger's, take any time. */
const REFUSED: ReadonlySet<string> = new Set([
  '$ref',
  '$dynamicRef',
  '$recursiveRef',
  'pattern',
  'patternProperties',
  'format',
  'uniqueItems',
])
/** Keywords whose values are data, or schemas by names that are no keywords. */
const DATA: ReadonlySet<string> = new Set(['const', 'default', 'enum', 'examples'])
const NAMED: ReadonlySet<string> = new Set(['$defs', 'definitions', 'dependencies', 'dependentRequired', 'dependentSchemas', 'properties'])

/**
 * Throws `InvalidOptions` if a config does not match the JSON Schema of its mod, with every mistake and its path; `InvalidManifest` for a
 * schema that is none, or whose check may take any time, and `TooLarge` if both are so large that it would.
 */
export function checkConfig(config: unknown, schema: Readonly<Record<string, unknown>> | undefined): void {
  if (schema === undefined) return
  checkKeywords(schema, 'configSchema')
  const [work, given] = [JSON.stringify(schema).length, JSON.stringify(config).length]
  if (work * given > MAX_WORK)
    throw new ScriptError(
      'TooLarge',
      `the configSchema of ${work} characters cannot check a config of ${given}: both multiplied may be ${MAX_WORK}, which no option raises`,
    )
  const mistakes = mistakesIn(config, schema).slice(0, MAX_MISTAKES)
  if (mistakes.length > 0) invalidOption(mistakes.map((each) => abbreviate(each)).join('; '))
}

function checkKeywords(schema: unknown, path: string): void {
  if (Array.isArray(schema)) for (const [index, each] of schema.entries()) checkKeywords(each, `${path}[${index}]`)
  if (!isRecord(schema)) return
  for (const [keyword, value] of Object.entries(schema)) {
    const place = `${path}.${keyword}`
    if (REFUSED.has(keyword))
      throw new ScriptError('InvalidManifest', `${abbreviate(place)}: '${keyword}' may take any time; check it in validate_config instead`)
    if (NAMED.has(keyword) && isRecord(value)) for (const [name, each] of Object.entries(value)) checkKeywords(each, `${place}.${name}`)
    else if (!DATA.has(keyword)) checkKeywords(value, place)
  }
}

function mistakesIn(config: unknown, schema: Readonly<Record<string, unknown>>): readonly string[] {
  try {
    // The validator writes into the schema.
    const { errors } = new Validator(structuredClone(schema) as Schema, '2020-12', false).validate(config)
    // What holds a mistake is reported, too.
    const outer = new Set(errors.flatMap(({ instanceLocation }) => placesAround(instanceLocation)))
    return errors
      .filter(({ instanceLocation }) => !outer.has(instanceLocation))
      .map(({ instanceLocation, error }) => `${placeOf(instanceLocation)}: ${error}`)
  } catch (cause) {
    throw new ScriptError('InvalidManifest', `configSchema: cannot be used: ${describeThrown(cause)}`, { cause })
  }
}

/** Returns the JSON pointers of what holds a place. */
function placesAround(pointer: string): readonly string[] {
  const end = pointer.lastIndexOf('/')
  return end < 0 ? [] : [pointer.slice(0, end), ...placesAround(pointer.slice(0, end))]
}

/** Returns the path of a mistake, such as `config.doors[1]`, from a JSON pointer such as `#/doors/1`. */
function placeOf(pointer: string): string {
  const keys = pointer.split('/').slice(1)
  return `config${keys.map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${decodeURIComponent(key)}`)).join('')}`
}
