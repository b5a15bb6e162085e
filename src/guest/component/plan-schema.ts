import * as v from 'valibot'
import { ScriptError } from '../../errors.ts'
import { parseJson } from '../../json.ts'
import { type ComponentPlan, type CompositeType, checkInstances, MAX_PLAN_BYTES, MAX_PLANNED } from './plan.ts'

const PRIMITIVES = ['bool', 's8', 'u8', 's16', 'u16', 's32', 'u32', 's64', 'u64', 'f32', 'f64', 'char', 'string'] as const
const MAX_FLAGS = 32
/** Levels of types in types. What wasm-tools accepts nests less deep; it bounds the stack of what passes values. */
const MAX_TYPE_DEPTH = 100

const index = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_PLANNED))
const reference = v.union([v.picklist(PRIMITIVES), index])
const optional = v.nullable(reference)
const list = <Schema extends v.GenericSchema>(schema: Schema) => v.pipe(v.array(schema), v.maxLength(MAX_PLANNED))
const some = <Schema extends v.GenericSchema>(schema: Schema) => v.pipe(v.array(schema), v.minLength(1), v.maxLength(MAX_PLANNED))
const named = <Schema extends v.GenericSchema>(schema: Schema) => v.strictTuple([v.string(), schema])

const type = v.variant('kind', [
  v.strictObject({ kind: v.literal('record'), fields: some(named(reference)) }),
  v.strictObject({ kind: v.literal('variant'), cases: some(named(optional)) }),
  v.strictObject({ kind: v.literal('list'), element: reference }),
  v.strictObject({ kind: v.literal('tuple'), items: some(reference) }),
  v.strictObject({ kind: v.literal('flags'), names: v.pipe(some(v.string()), v.maxLength(MAX_FLAGS)) }),
  v.strictObject({ kind: v.literal('enum'), names: some(v.string()) }),
  v.strictObject({ kind: v.literal('option'), some: reference }),
  v.strictObject({ kind: v.literal('result'), ok: optional, error: optional }),
])
const functionType = v.strictObject({ params: list(named(reference)), result: optional })
const core = v.strictTuple([index, v.string()])
const options = v.strictObject({
  encoding: v.picklist(['utf8', 'utf16', 'latin1+utf16']),
  memory: v.optional(core),
  realloc: v.optional(core),
  postReturn: v.optional(core),
})
const schema = v.strictObject({
  types: list(type),
  imports: list(v.strictObject({ interface: v.string(), name: v.string(), type: functionType })),
  instances: list(
    v.strictObject({
      module: index,
      imports: list(
        v.strictTuple([v.string(), v.string(), v.union([v.strictObject({ from: core }), v.strictObject({ lower: index, options })])]),
      ),
    }),
  ),
  exports: list(v.strictObject({ interface: v.string(), name: v.string(), type: functionType, core, options })),
})

/** Reads the plan of a prepared component, which may come from anyone. Throws `InvalidBinary`. */
export function parsePlan(bytes: Uint8Array, modules: number): ComponentPlan {
  if (bytes.length > MAX_PLAN_BYTES) throw new ScriptError('TooLarge', `the plan of the component has more than ${MAX_PLAN_BYTES} bytes`)
  const { success, issues, output } = v.safeParse(schema, parse(bytes))
  if (!success) return refuse(`${v.getDotPath(issues[0]) ?? 'it'} is wrong`)
  const { types, imports, instances, exports } = output
  const isType = (each: unknown): boolean => typeof each !== 'number' || each < types.length
  const isFunction = (each: { readonly params: readonly (readonly [string, unknown])[]; readonly result: unknown }): boolean =>
    each.params.every(([, own]) => isType(own)) && isType(each.result)
  const isCore = (each: readonly [number, string] | undefined): boolean => each === undefined || each[0] < instances.length
  const areCore = (each: v.InferOutput<typeof options>): boolean => isCore(each.memory) && isCore(each.realloc) && isCore(each.postReturn)
  checkInstances(instances.length)
  const depths: number[] = []
  for (const [at, each] of types.entries()) {
    let depth = 0
    for (const part of partsOf(each)) {
      if (typeof part === 'number' && part >= at) refuse('a type refers to a later one')
      if (typeof part === 'number') depth = Math.max(depth, depths[part] as number)
    }
    if (depth === MAX_TYPE_DEPTH) refuse(`types nest deeper than ${MAX_TYPE_DEPTH} levels`)
    depths.push(depth + 1)
  }
  if (![...imports, ...exports].every((each) => isFunction(each.type))) refuse('a function has a type that does not exist')
  if (!exports.every((each) => isCore(each.core) && areCore(each.options))) refuse('an export is of an instance that does not exist')
  for (const [at, { module, imports: own }] of instances.entries()) {
    if (module >= modules) refuse('an instance is of a module that does not exist')
    for (const [, , each] of own) {
      if ('from' in each ? each.from[0] >= at : each.lower >= imports.length || !areCore(each.options))
        refuse('an instance imports what does not exist')
    }
  }
  return output as ComponentPlan
}

function partsOf(each: v.InferOutput<typeof type>): readonly unknown[] {
  const own = each as CompositeType
  switch (own.kind) {
    case 'record':
      return own.fields.map(([, part]) => part)
    case 'variant':
      return own.cases.map(([, part]) => part)
    case 'list':
      return [own.element]
    case 'tuple':
      return own.items
    case 'option':
      return [own.some]
    case 'result':
      return [own.ok, own.error]
    default:
      return []
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    return refuse('it is not JSON', cause)
  }
}

function refuse(what: string, cause?: unknown): never {
  throw new ScriptError('InvalidBinary', `the plan of the prepared component is damaged: ${what}; prepare the component again`, { cause })
}
