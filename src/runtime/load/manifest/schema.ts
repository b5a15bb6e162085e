import validRange from 'semver/ranges/valid.js'
import * as v from 'valibot'
import { LIMIT_RANGES } from '../../../abi/limits.ts'
import { ABI_VERSION } from '../../../abi/types.ts'
import { GUEST_KINDS } from '../../../guest/module-description.ts'
import { isRecord } from '../../../options.ts'

/** What is expected in the issue of a list or record that has too many entries. */
export const TOO_MANY = 'fewer entries'
/** A version of semver 2. */
const VERSION =
  /^(?=.{1,256}$)(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*))*)?(\+[\da-zA-Z-]+(\.[\da-zA-Z-]+)*)?$/
const FIELD_TYPES = ['f32', 'f64', 'i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'eid'] as const

/** Returns a schema of objects that takes no array, which is an object to valibot. */
function noArray<Schema extends v.GenericSchema>(schema: Schema): Schema {
  const run: Schema['~run'] = (dataset, config) => {
    if (!Array.isArray(dataset.value)) return schema['~run'](dataset, config)
    v._addIssue(schema as never, 'type', dataset as never, config as never)
    return dataset as never
  }
  return { ...schema, '~run': run }
}

/** Entries of each list and each record of a manifest: some are compared with each other, and each may cost something in every tick. */
const MAX_ENTRIES = 1000

/** Returns a schema of lists or records that takes none of more entries. */
function bounded<Schema extends v.GenericSchema>(schema: Schema): Schema {
  const run: Schema['~run'] = (dataset, config) => {
    const { value } = dataset
    if (typeof value !== 'object' || value === null || Object.keys(value).length <= MAX_ENTRIES) return schema['~run'](dataset, config)
    const message = `at most ${MAX_ENTRIES} entries`
    v._addIssue(schema as never, 'size', dataset as never, config as never, { expected: TOO_MANY, message } as never)
    return dataset as never
  }
  return { ...schema, '~run': run }
}

function listOf<Item extends v.GenericSchema>(item: Item, wanted: string): v.ArraySchema<Item, string> {
  return bounded(v.array(item, wanted))
}

/** Returns the schema of an object with these keys alone. The message of an unknown key is the list of the known ones. */
function exactly<const Known extends v.ObjectEntries>(
  entries: Known,
  wanted: string,
): v.ObjectWithRestSchema<Known, v.NeverSchema<string>, string> {
  return noArray(v.objectWithRest(entries, v.never(Object.keys(entries).join(' ')), wanted))
}

const text = v.pipe(v.string('a text that is not empty'), v.minLength(1, 'a text that is not empty'))
const names = listOf(v.string('a name'), 'a list of names')
const flag = v.boolean('true or false')

function whole(least: number, greatest: number = Number.MAX_SAFE_INTEGER) {
  const wanted = `a whole number, ${least} or more${greatest === Number.MAX_SAFE_INTEGER ? '' : ` and at most ${greatest}`}`
  return v.pipe(v.number(wanted), v.integer(wanted), v.minValue(least, wanted), v.maxValue(greatest, wanted))
}

function oneOf<const Words extends readonly string[]>(...words: Words): v.PicklistSchema<Words, string> {
  return v.picklist(words, `one of ${words.map((word) => `'${word}'`).join(', ')}`)
}

/** A record with keys that match a pattern. */
function recordOf<Value extends v.GenericSchema>(keys: RegExp, what: string, value: Value, wanted: string) {
  return bounded(noArray(v.record(v.pipe(v.string(), v.regex(keys, what)), value, wanted)))
}

/** The type of {@link oneSource}. */
export const ONE_SOURCE = 'one_source'
/** The check that JSON Schema says as `oneOf`. Unlike others, it also looks at an object that has other mistakes. */
export const oneSource: v.GenericValidation = {
  ...v.check(() => true, 'one of path, url and text'),
  type: ONE_SOURCE,
  '~run'(dataset, config) {
    const given = isRecord(dataset.value) ? [dataset.value.path, dataset.value.url, dataset.value.text] : undefined
    if (given !== undefined && given.filter((each) => each !== undefined).length !== 1)
      v._addIssue(this as never, 'input', dataset as never, config as never)
    return dataset as never
  },
}
const sourceObject = v.pipe(
  exactly(
    {
      path: v.optional(text),
      url: v.optional(text),
      text: v.optional(text),
      sha256: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-fA-F]{64}$/, 'a SHA-256 in hexadecimal, 64 digits'))),
    },
    'an object with one of path, url and text',
  ),
  oneSource as never,
)
const source = v.union([text, sourceObject], 'a path or URL, or an object with one of path, url and text')

/** Characters of a range, as semver has for a version. */
const MAX_RANGE = 256
const range = v.pipe(
  v.string("a semver range, such as '^1.2.0'"),
  v.check((given) => given.length <= MAX_RANGE && validRange(given) !== null, "a semver range, such as '^1.2.0'"),
)
const ranges = recordOf(/^/, 'a name', range, 'an object of semver ranges by name')

const HOST_NAME = /^(\*|(\*\.)?(\[[0-9a-fA-F:.]+\]|[^\s/:*[\]]+))$/
const grant = exactly(
  {
    read: v.optional(names),
    write: v.optional(names),
    change: v.optional(names),
    spawn: v.optional(flag),
    emit: v.optional(names),
    host: v.optional(names),
    hosts: v.optional(
      listOf(
        v.pipe(
          v.string('the name of a host'),
          v.regex(HOST_NAME, "the name of a host without protocol and port, such as 'api.example.com'"),
        ),
        'a list of host names',
      ),
    ),
  },
  'an object of what it may import',
)

const limits = exactly(
  Object.fromEntries(Object.entries(LIMIT_RANGES).map(([name, bounds]) => [name, v.optional(whole(...bounds))])),
  'an object of limits',
)

const NAME = /^[^\s.!]+$/
const components = recordOf(
  NAME,
  "a name without spaces, '.' and '!'",
  recordOf(
    /^(?!(component|data)$)[^\s.!]+$/,
    "a name without spaces, '.' and '!', other than component and data",
    oneOf(...FIELD_TYPES),
    'an object of fields',
  ),
  'an object of components',
)

const FIELD = 'a field, such as Position.x'
const COMPONENT = "the name of a component, without '.'"
const HOOK = 'an object with on, component and export'
const HOOKS = ['add', 'remove', 'change'] as const
const hookOn = (on: (typeof HOOKS)[number], component: RegExp, wanted: string) =>
  exactly({ on: v.literal(on), component: v.pipe(v.string(wanted), v.regex(component, wanted)), export: text }, HOOK)
const hookVariants = v.variant('on', [
  hookOn('add', NAME, COMPONENT),
  hookOn('remove', NAME, COMPONENT),
  hookOn('change', /^[^\s.!]+\.[^\s.!]+$/, FIELD),
])
/** What is known of a hook whose `on` is wrong. */
const otherHook = exactly({ on: oneOf(...HOOKS), component: text, export: text }, HOOK)
/** The variants, but a hook that is none of them has all of its mistakes reported, not that of `on` alone. */
const hook: typeof hookVariants = {
  ...hookVariants,
  '~run': (dataset, config) => {
    const on = (dataset.value as { on?: unknown } | null | undefined)?.on
    const schema = HOOKS.includes(on as (typeof HOOKS)[number]) ? hookVariants : otherHook
    return schema['~run'](dataset, config) as never
  },
}

const interval = exactly({ ticks: whole(1), export: text }, 'an object with ticks and export')

const actor = exactly(
  { query: text, read: v.optional(names), write: v.optional(names), every: v.optional(whole(1)) },
  'an object with query, read, write, every',
)

const restart = exactly({ restart: whole(1), within: whole(1) }, 'an object with restart and within')

const build = exactly(
  {
    command: text,
    args: v.optional(listOf(v.string('a text'), 'a list of texts')),
    watch: listOf(text, 'a list of paths'),
    output: text,
  },
  'an object with command, args, watch and output',
)

const entries = {
  $schema: v.optional(v.string('a text')),
  name: v.pipe(v.string('a text that is not empty'), v.regex(/^.+$/, 'a text of one line that is not empty')),
  version: v.pipe(v.string("a version, such as '1.0.0'"), v.regex(VERSION, "a version, such as '1.0.0'")),
  abi: v.optional(v.literal(ABI_VERSION, `${ABI_VERSION}, the version of the ABI`)),
  description: v.optional(v.string('a text')),
  guest: v.optional(oneOf(...GUEST_KINDS)),
  source,
  requires: v.optional(
    exactly({ exports: v.optional(names), host: v.optional(ranges), mods: v.optional(ranges) }, 'an object with exports, host and mods'),
  ),
  grant: v.optional(grant),
  limits: v.optional(limits),
  config: v.optional(v.unknown()),
  configSchema: v.optional(recordOf(/^/, 'a name', v.unknown(), 'a JSON Schema, an object')),
  order: v.optional(v.pipe(v.number('a number'), v.finite('a finite number'))),
  instances: v.optional(oneOf('shared', 'entity')),
  preserve: v.optional(oneOf('auto', 'none')),
  onFault: v.optional(v.union([oneOf('stop', 'detach'), restart], "'stop', 'detach' or an object with restart and within")),
  components: v.optional(components),
  actor: v.optional(actor),
  hooks: v.optional(listOf(hook, 'a list of hooks')),
  every: v.optional(listOf(interval, 'a list of intervals')),
  build: v.optional(build),
}

/** The schema of a manifest, from which its JSON Schema is generated. */
export const manifestSchema: v.GenericSchema = exactly(entries, 'an object')

/** The schema of a manifest whose module is given beside it. */
export const sourcelessSchema: v.GenericSchema = exactly({ ...entries, source: v.optional(source) }, 'an object')
