import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { toJsonSchema } from '@valibot/to-json-schema'
import { manifestSchema, oneSource } from '../src/runtime/load/manifest/schema.ts'

// Writes the JSON Schema of manifests, from the schema that checks them. Run it after Vite's build, which empties `dist`.

type Schema = Record<string, unknown>

/** Returns the JSON Schema of manifests. `declarations` is the source of the type `Manifest`, whose comments describe the properties. */
export function scriptSchema(declarations: string): Schema {
  const generated = toJsonSchema(manifestSchema, {
    ignoreActions: ['finite'],
    overrideAction({ valibotAction, jsonSchema }) {
      // JSON Schema cannot say whether a text is a semver range.
      if (valibotAction.type === 'check') return jsonSchema
      if ((valibotAction as unknown) !== oneSource) return undefined
      return { ...jsonSchema, oneOf: ['path', 'url', 'text'].map((key) => ({ required: [key] })) }
    },
  }) as Schema
  const { $schema, properties, ...rest } = withoutRest(generated) as Schema
  return {
    $schema,
    $id: 'https://unpkg.com/bitscript/dist/script.schema.json',
    title: 'A mod for a game with bitscript',
    ...rest,
    properties: withDescriptions(properties as Record<string, Schema>, declarations),
  }
}

/** Says `false` for keys that no value is allowed for. */
function withoutRest(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema), (key, value) => (key === 'additionalProperties' && 'not' in value ? false : value))
}

function withDescriptions(properties: Record<string, Schema>, declarations: string): Record<string, Schema> {
  const [, body = ''] = /interface Manifest \{\n([\s\S]*?)\n\}/.exec(declarations) ?? []
  const described = { ...properties }
  for (const [, comment = '', name = ''] of body.matchAll(/\/\*\* (.*?) \*\/\n {2}readonly (\$?\w+)\??:/g)) {
    if (properties[name] === undefined) throw new Error(`the schema has no property ${name}`)
    described[name] = { description: comment.replace(/\{@link (\w+)\}/g, '$1'), ...properties[name] }
  }
  return described
}

const path = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url))

if (process.argv[1] === path('build/script-schema.ts')) {
  const schema = scriptSchema(await readFile(path('src/runtime/load/manifest/manifest.ts'), 'utf8'))
  await writeFile(path('dist/script.schema.json'), `${JSON.stringify(schema, null, 2)}\n`)
}
