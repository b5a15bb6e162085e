import { PRICES } from '../../abi/prices.ts'
import type { SignatureType } from '../../abi/types.ts'
import { needHeadroom } from '../../ecs/entities/access.ts'
import { checkLife } from '../../ecs/entities/world-life.ts'
import { ScriptError } from '../../errors.ts'
import { bindHostFunction, type HostFunction } from '../../host/modules/host-functions.ts'
import type { FixedImport, ImportedFunction, LinkContext } from '../../host/modules/import-module.ts'
import type { Binding } from './bindings.ts'
import { boundaryOf, componentOf } from './caller.ts'
import type { Boundary } from './canonical/boundary.ts'
import type { Layouts, Places } from './canonical/layout.ts'
import { FlatNumbers, liftValue, readValue } from './canonical/lift.ts'
import { lowerValue, writeValue } from './canonical/lower.ts'
import { type CanonicalOptions, type ComponentFunctionType, exportName, type PlannedImport, type TypeReference } from './plan.ts'

/** The import module of host functions that take or give values other than numbers. */
export const VALUES_MODULE = 'component'

/** Types of numbers that core functions and host functions represent in the same way. */
const SAME: readonly string[] = ['s32', 's64', 'f32', 'f64']

/** Returns whether a host function may take the numbers of the core function as they are. */
export function isPlain({ params, result }: ComponentFunctionType): boolean {
  return [...params.map(([, type]) => type), ...(result === null ? [] : [result])].every(
    (type) => typeof type === 'string' && SAME.includes(type),
  )
}

/** Returns a host function as an import that takes and gives values of the Component Model. */
export function hostCall(entry: PlannedImport, { module, name }: Binding, options: CanonicalOptions, layouts: Layouts): FixedImport {
  const { type } = entry
  const { params, results, places } = layouts.signature(type)
  const pointers: readonly SignatureType[] = results === undefined ? ['i32'] : []
  return {
    params: [...(params ?? (['i32'] as const)), ...pointers],
    results: results ?? [],
    meaning: `the host function ${module}.${name}`,
    price: PRICES.hostCall,
    permission: { kind: 'host', module, name },
    refuses: true,
    implement(context, caller) {
      const call = callOf(exportName(entry), context, caller, context.host[module]?.[name] as HostFunction<unknown>)
      return ((...numbers: (number | bigint)[]) => {
        const boundary = boundaryOf(componentOf(caller).shared, options)
        const result = call(argumentsOf(boundary, places, params === undefined, numbers))
        if (type.result === null) return undefined
        boundary.turn()
        const what = `the result of the host function ${module}.${name}`
        return passResult(boundary, type.result, results === undefined ? Number(numbers.at(-1)) : undefined, result, what)
      }) as ImportedFunction
    },
  }
}

/** Returns a call of a host function with values. Errors that it throws become `HostError`. */
function callOf(
  label: string,
  context: LinkContext,
  caller: Parameters<FixedImport['implement']>[1],
  implementation: HostFunction<unknown>,
): (values: readonly unknown[]) => unknown {
  let result: unknown
  const keep = (given: unknown, ...values: (number | bigint)[]): undefined => {
    result = context.callHost(label, () => implementation(given, ...values))
    return result as undefined
  }
  const bound = bindHostFunction(label, { params: [], results: [] }, context.hostContext(caller), keep, {
    isInputError: context.isInputError,
    prepare: () => needHeadroom(context.ecs),
    around: (_, call) => call(),
    finish: () => checkLife(context.ecs),
    reportLater: context.reportLater,
  })
  return (values) => {
    bound(...(values as (number | bigint)[]))
    return result
  }
}

function argumentsOf(
  boundary: Boundary,
  { types, offsets }: Places,
  isPointer: boolean,
  numbers: readonly (number | bigint)[],
): readonly unknown[] {
  if (!isPointer) {
    const flat = new FlatNumbers(numbers)
    return types.map((each) => liftValue(boundary, each, flat))
  }
  const start = Number(numbers[0]) >>> 0
  return types.map((each, index) => readValue(boundary, each, start + (offsets[index] as number)))
}

/** Passes a result: as the number that the function returns, or in memory at a pointer. */
function passResult(
  boundary: Boundary,
  type: TypeReference,
  pointer: number | undefined,
  value: unknown,
  what: string,
): number | bigint | undefined {
  const found = asResult(boundary.layouts, type, value)
  try {
    if (pointer === undefined) return lowerValue(boundary, type, found, what)[0]
    writeValue(boundary, type, found, pointer, what)
    return undefined
  } catch (cause) {
    if (!(cause instanceof ScriptError) || cause.code !== 'SignatureMismatch') throw cause
    throw new ScriptError('HostError', cause.detail, { cause })
  }
}

/** Returns a value as one of type `result`. A value without a tag is that of a success. */
function asResult(layouts: Layouts, type: TypeReference, value: unknown): unknown {
  if (typeof type !== 'number' || layouts.type(type).kind !== 'result') return value
  const isTagged = typeof value === 'object' && value !== null && 'tag' in value && (value.tag === 'ok' || value.tag === 'err')
  return isTagged ? value : { tag: 'ok', val: value }
}
