import { EXPORT, handledEvent, JSON_EXPORTS } from '../../abi/exports.ts'
import { ScriptError } from '../../errors.ts'
import type { Layouts } from './canonical/layout.ts'
import { isNumberPrimitive } from './canonical/numbers.ts'
import { type ComponentFunctionType, exportName, type PlannedExport } from './plan.ts'
import { functionText } from './wit.ts'
import { snakeCase } from './wit-names.ts'

const ENTITY: readonly string[] = ['u32', 's32']
const SECONDS: readonly string[] = ['f32', 'f64']

/** The types of each export that the runtime calls, as alternatives of its parameters and its result. */
export const ROLES: Readonly<
  Record<
    string,
    { readonly params: readonly (readonly (readonly string[])[])[]; readonly results?: readonly (string | null)[]; readonly wanted: string }
  >
> = {
  [EXPORT.init]: { params: [[], [['string']]], wanted: 'func() or func(config: string)' },
  [EXPORT.tick]: { params: [[SECONDS]], wanted: 'func(dt: f32) or func(dt: f64)' },
  [EXPORT.update]: { params: [[ENTITY, SECONDS]], wanted: 'func(entity: u32, dt: f32) or func(entity: u32, dt: f64)' },
  [EXPORT.onAttach]: { params: [[ENTITY]], wanted: 'func(entity: u32)' },
  [EXPORT.onDetach]: { params: [[ENTITY]], wanted: 'func(entity: u32)' },
  [EXPORT.getState]: { params: [[]], results: ['string'], wanted: 'func() -> string' },
  [EXPORT.setState]: { params: [[['string']]], wanted: 'func(state: string)' },
  [EXPORT.getMetadata]: { params: [[]], results: ['string'], wanted: 'func() -> string' },
  [EXPORT.getVersion]: { params: [[]], results: ['string'], wanted: 'func() -> string' },
  [EXPORT.process]: { params: [[['string']]], results: ['string'], wanted: 'func(context: string) -> string' },
  [EXPORT.validateConfig]: { params: [[['string']]], results: ['string'], wanted: 'func(config: string) -> string' },
  [EXPORT.handleMessage]: { params: [[['string']]], results: ['string', null], wanted: 'func(message: string) -> string' },
  [EXPORT.handleCallback]: { params: [[['string']]], results: ['string', null], wanted: 'func(reply: string)' },
}

/**
 * Returns the name of the script's export that an export of a component stands for: `on_hit` for `on-hit`. `undefined` if the
 * runtime does not call it. Throws `SignatureMismatch` for one of another type.
 */
export function roleOf(exported: PlannedExport, layouts: Layouts): string | undefined {
  if (exported.interface !== '') return undefined
  const name = snakeCase(exported.name)
  const { type } = exported
  const rule = Object.hasOwn(ROLES, name) ? ROLES[name] : undefined
  if (rule === undefined) {
    if (handledEvent(name) === undefined) return undefined
    if (type.result === null && type.params.every(([, each]) => isNumberPrimitive(each))) return name
    throw mismatch(exported, layouts, 'take numbers and return nothing')
  }
  if (rule.params.some((params) => takes(type, params)) && (rule.results ?? [null]).some((each) => each === type.result)) return name
  throw mismatch(exported, layouts, `be ${rule.wanted}`)
}

/** Returns whether an export that the runtime calls passes text. Its core function is then called in another way than that of a script. */
export function isTextRole(role: string, { params }: ComponentFunctionType): boolean {
  return JSON_EXPORTS.includes(role) && (role !== EXPORT.init || params.length > 0)
}

function takes({ params }: ComponentFunctionType, wanted: readonly (readonly string[])[]): boolean {
  return params.length === wanted.length && params.every(([, type], index) => typeof type === 'string' && wanted[index]?.includes(type))
}

function mismatch(exported: PlannedExport, layouts: Layouts, wanted: string): ScriptError {
  const name = exportName(exported)
  return new ScriptError('SignatureMismatch', `'${name}' is ${functionText(layouts, exported.type)} and must ${wanted}`, { export: name })
}
