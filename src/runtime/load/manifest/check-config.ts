import { type Schema, Validator } from '@cfworker/json-schema'
import { describeThrown } from '../../../errors.ts'
import { invalidOption } from '../../../options.ts'
import { abbreviate } from '../../../printable.ts'

/** Mistakes that one error lists. */
const MAX_MISTAKES = 10

/** Throws `InvalidOptions` if a config does not match the JSON Schema of its mod, with every mistake and its path. */
export function checkConfig(config: unknown, schema: Readonly<Record<string, unknown>> | undefined): void {
  if (schema === undefined) return
  const mistakes = mistakesIn(config, schema).slice(0, MAX_MISTAKES)
  if (mistakes.length > 0) invalidOption(mistakes.map((each) => abbreviate(each)).join('; '))
}

function mistakesIn(config: unknown, schema: Readonly<Record<string, unknown>>): readonly string[] {
  try {
    // The validator writes into the schema.
    const { errors } = new Validator(structuredClone(schema) as Schema, '2020-12', false).validate(config)
    // What holds a mistake is reported, too.
    const isInnermost = (place: string): boolean => !errors.some(({ instanceLocation }) => instanceLocation.startsWith(`${place}/`))
    return errors
      .filter(({ instanceLocation }) => isInnermost(instanceLocation))
      .map(({ instanceLocation, error }) => `${placeOf(instanceLocation)}: ${error}`)
  } catch (cause) {
    return invalidOption(`the configSchema of the manifest cannot be used: ${describeThrown(cause)}`)
  }
}

/** Returns the path of a mistake, such as `config.doors[1]`, from a JSON pointer such as `#/doors/1`. */
function placeOf(pointer: string): string {
  const keys = pointer.split('/').slice(1)
  return `config${keys.map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${decodeURIComponent(key)}`)).join('')}`
}
