import { PRICES } from '../../abi/prices.ts'
import type { Column } from '../../ecs/components/components.ts'
import { needHeadroom } from '../../ecs/entities/access.ts'
import { checkLife } from '../../ecs/entities/world-life.ts'
import { toScriptError } from '../../engine/trap.ts'
import { ScriptError } from '../../errors.ts'
import { nearestName } from '../../nearest-name.ts'
import { abbreviate } from '../../printable.ts'
import {
  type DecodedModule,
  type FunctionType,
  formatFunctionType,
  isNumberType,
  type ModuleImport,
  sameFunctionType,
} from '../../wasm/format/module.ts'
import type { Accessor } from '../../wasm/rewrite/inline-call.ts'
import type { RefusedImport } from '../../wasm/text/locate.ts'
import { ecsGet, ecsSet } from '../modules/ecs-fields.ts'
import { ecsEntity } from '../modules/ecs-queries.ts'
import { bindHostFunction } from '../modules/host-functions.ts'
import type { Caller, ImportedFunction, ImportModule, InlineForm, LinkContext } from '../modules/import-module.ts'
import { labelOf, unknownImport } from '../modules/lookup.ts'
import { deniedBy, type Permission } from '../modules/permissions.ts'
import { IMPORT_MODULES, MODULE_NAMES } from './imports.ts'

/** The imports of one module that are reported together. */
const MAX_REFUSED = 20

type Refused = readonly [RefusedImport, ...RefusedImport[]]

/** How calls of an import are rewritten: data without references to a game, so that games can share rewritten code. */
export interface ImportedCode {
  /** Units of fuel that the module's code pays for a call. */
  readonly price: number
  /** Whether the host may charge during a call. Accessors of columns and query results never do. */
  readonly mayCharge: boolean
  /** How calls can be inlined; left out if they cannot. */
  readonly accessor?: Accessor
}

/** The resolved imports of a module, for any number of instances. */
export interface LinkedImports {
  /** Returns the imports for one instance. `caller` is first used when the instance runs. */
  readonly bind: (caller: Caller) => WebAssembly.Imports
  /** The code of calls, by function index. */
  readonly code: readonly ImportedCode[]
  /** The names of accessors that cannot be inlined. */
  readonly hosted: readonly string[]
  /** The columns to which inlined imports write. */
  readonly written: readonly Column[]
  /** Charges the running script. */
  readonly charge: (units: number) => void
  /** Returns the error for an operand of an inlined import that is out of range. */
  readonly outOfRange: (functionIndex: number, operand: number) => ScriptError | undefined
}

/** The import modules whose calls can be inlined. */
const ACCESSORS: ReadonlySet<string> = new Set([ecsGet, ecsSet, ecsEntity].map(({ module }) => module))

/** An import that was found by name and not checked yet. */
interface Resolution {
  readonly permissions: readonly Permission[]
  /** The type that the script must declare; left out if any numbers are allowed. */
  readonly type?: FunctionType
  readonly price: number
  readonly inline?: InlineForm
  /** Whether its function never charges, so that the fuel need not be checked after a call, as after a read that replaces it. */
  readonly neverCharges?: boolean
  readonly implement: (caller: Caller) => ImportedFunction
}

/** An import whose permissions and type are checked. */
interface LinkedImport extends Pick<Resolution, 'price' | 'inline' | 'neverCharges' | 'implement'> {
  readonly module: string
  readonly name: string
  /** Whether the module may call it through a reference. Its code cannot charge for such calls, so the import does. */
  readonly isReferred: boolean
  /** The number of its parameters; 0 if it is declared with several numbers. */
  readonly count: number
  /** Whether it gives floats that the module's code cannot make canonical: by a reference, or as one of several results. */
  readonly givesFloats: boolean
}

/**
 * Resolves every import of a module. `report` makes one error of what is refused, such as with its places. Throws `UnknownImport`, `GrantDenied`,
 * `ImportTypeMismatch`.
 */
export function linkImports(
  module: DecodedModule,
  context: LinkContext,
  report: (refused: Refused) => ScriptError = ([first]) => first.error,
): LinkedImports {
  const linked: LinkedImport[] = []
  const refused: RefusedImport[] = []
  for (const [index, entry] of module.imports.entries()) {
    try {
      const isReferred = module.referredImports.has(index)
      linked.push({ ...linkImport(entry, context), isReferred, givesFloats: givesFloats(entry, isReferred) })
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error
      if (refused.push({ error, entry }) === MAX_REFUSED) break
    }
  }
  if (refused.length > 0) throw report(refused as readonly RefusedImport[] as Refused)
  joinRepeated(module.imports, linked, report)
  return {
    // Every import is a function here, so its position is its function index.
    code: linked.map(({ price, isReferred, inline, neverCharges }) => ({
      price: isReferred ? 0 : price,
      mayCharge: isReferred || (price > PRICES.column && !neverCharges),
      // What is called through references charges by itself.
      ...(inline && !(isReferred && price > PRICES.column) && { accessor: inline.accessor }),
    })),
    hosted: linked.flatMap(({ inline, module, name }) => (inline === undefined && ACCESSORS.has(module) ? [name] : [])),
    written: linked.flatMap(({ inline }) => (inline?.written === undefined ? [] : [inline.written])),
    charge: context.charge,
    outOfRange: (functionIndex, operand) => linked[functionIndex]?.inline?.outOfRange(operand),
    bind(caller) {
      const imports: WebAssembly.Imports = {}
      for (const { module: from, name, implement, isReferred, givesFloats, price, count } of linked) {
        const bound = givesFloats ? canonical(implement(caller)) : implement(caller)
        const charged = isReferred ? charging(context, price, bound) : bound
        imports[from] ??= {}
        imports[from][name] = withParameters(count, charged) as WebAssembly.ImportValue
      }
      return imports
    },
  }
}

/**
 * Makes imports of one name alike: an instance gets one function for all of them. It is charged for in one way, at the greatest
 * price. Throws `ImportTypeMismatch` if they have different results, of which a function of the host can give only one.
 */
function joinRepeated(entries: readonly ModuleImport[], linked: LinkedImport[], report: (refused: Refused) => ScriptError): void {
  const repeated = new Map<string, number[]>()
  for (const [index, entry] of entries.entries()) {
    const { module, name } = entry
    const key = `${module.length} ${module} ${name}`
    const same = repeated.get(key)
    if (same === undefined) {
      repeated.set(key, [index])
      continue
    }
    same.push(index)
    const first = entries[same[0] as number]
    if (first?.kind !== 'func' || entry.kind !== 'func' || first.type.results.join() === entry.type.results.join()) continue
    const types = `${formatFunctionType(first.type)} and as ${formatFunctionType(entry.type)}`
    const detail = `the import ${module}::${name} is declared twice, as ${types}, and a function of the host has one type of result`
    throw report([{ error: new ScriptError('ImportTypeMismatch', detail), entry }])
  }
  for (const indices of repeated.values()) {
    if (indices.length === 1) continue
    const same = indices.map((index) => linked[index] as LinkedImport)
    const isReferred = same.some((each) => each.isReferred)
    const givesFloats = same.some((each) => each.givesFloats)
    const price = Math.max(...same.map((each) => each.price))
    const first = (same[0] as LinkedImport).count
    const count = same.every((each) => each.count === first) ? first : 0
    for (const [place, index] of indices.entries()) {
      linked[index] = { ...(same[place] as LinkedImport), isReferred, givesFloats, price, count }
    }
  }
}

function linkImport(entry: ModuleImport, context: LinkContext): Omit<LinkedImport, 'isReferred' | 'givesFloats'> {
  const { module, name } = entry
  const { permissions, type, price, inline, neverCharges = false, implement } = resolve(entry, context)
  for (const permission of permissions) {
    const denied = deniedBy(context.grant, permission)
    if (denied !== undefined) throw new ScriptError('GrantDenied', `the import ${labelOf(module, name)} is not granted: ${denied}`)
  }
  if (entry.kind !== 'func') {
    throw new ScriptError('ImportTypeMismatch', `the import ${labelOf(module, name)} is a ${entry.kind} and must be a function`)
  }
  if (type !== undefined && !sameFunctionType(type, entry.type)) {
    const declared = formatFunctionType(entry.type)
    const must = `is declared as ${declared} and must be ${formatFunctionType(type)}`
    throw new ScriptError('ImportTypeMismatch', `the import ${labelOf(module, name)} ${must}`)
  }
  return { module, name, price, neverCharges, implement, count: entry.type.params.length, ...(inline && { inline }) }
}

function resolve(entry: ModuleImport, context: LinkContext): Resolution {
  const { module, name } = entry
  const isIt = (each: ImportModule): boolean => each.module === module
  const found = context.guestModules?.find(isIt) ?? context.laterModules.find(isIt) ?? IMPORT_MODULES.find(isIt)
  if (found === undefined) return resolveHostFunction(entry, context)
  if ('functions' in found) {
    const { functions } = found
    const row = Object.hasOwn(functions, name) ? functions[name] : undefined
    if (row === undefined) return unknownImport(module, name, Object.keys(functions))
    row.check?.(context)
    const implement: Resolution['implement'] = (caller) => {
      const bound = row.implement(context, caller)
      return row.refuses === true ? refusing(context, bound) : bound
    }
    const accessor = row.word?.(context)
    const inline = accessor && { accessor, outOfRange: neverOutOfRange }
    return {
      permissions: row.permission === undefined ? [] : [row.permission],
      type: row,
      price: row.price,
      neverCharges: row.word !== undefined,
      implement,
      ...(inline && { inline }),
    }
  }
  const { permissions, type, inline, function: resolved, price: own = found.price } = found.resolve(name, entry, context)
  const bound = found.refuses === true ? refusing(context, resolved) : resolved
  const price = own + (found.variadic === true ? PRICES.eventNumber * numbersOf(entry) : 0)
  return { permissions, price, implement: () => bound, ...(type && { type }), ...(inline && { inline }) }
}

function neverOutOfRange(): ScriptError {
  return new ScriptError('Trap', 'a read of a number that the host writes was out of range')
}

function resolveHostFunction(entry: ModuleImport, context: LinkContext): Resolution {
  const { module, name } = entry
  const functions = Object.hasOwn(context.host, module) ? context.host[module] : undefined
  if (functions === undefined) return unknownModule(module, name, context)
  const implementation = Object.hasOwn(functions, name) ? functions[name] : undefined
  if (implementation === undefined) {
    const names = Object.keys(functions)
    const advice = nearestName(name, names) === undefined ? context.advice?.(module, name) : undefined
    if (advice === undefined) return unknownImport(module, name, names)
    throw new ScriptError('UnknownImport', `${labelOf(module, name)} does not exist; ${advice}`)
  }
  const permissions: Permission[] = [{ kind: 'host', module, name }]
  if (entry.kind !== 'func') return { permissions, price: 0, implement: () => () => undefined }
  const { params, results } = entry.type
  const number = (type: string): string => (isNumberType(type) ? type : 'a number')
  return {
    permissions,
    type: { params: params.map(number), results: results.map(number) },
    price: PRICES.hostCall + PRICES.argument * numbersOf(entry),
    implement: (caller) => {
      const hostContext = context.hostContext(caller)
      return refusing(
        context,
        bindHostFunction(`${module}.${name}`, entry.type, hostContext, implementation, {
          isInputError: context.isInputError,
          prepare: () => needHeadroom(context.ecs),
          around: context.callHost,
          finish: () => checkLife(context.ecs),
          reportLater: context.reportLater,
        }) as ImportedFunction,
      )
    },
  }
}

/** Returns the number of parameters and results of an import. */
function numbersOf(entry: ModuleImport): number {
  return entry.kind === 'func' ? entry.type.params.length + entry.type.results.length : 0
}

/** Returns the function with its errors turned into refusals, which the script cannot catch. */
function refusing({ refuse }: LinkContext, implementation: ImportedFunction): ImportedFunction {
  return (...args) => {
    try {
      return implementation(...args)
    } catch (error) {
      return refuse(toScriptError(error))
    }
  }
}

/**
 * Returns the function with the `length` that its type has. V8 compiles an adapter for each instance if it differs.
 */
function withParameters(count: number, call: ImportedFunction): ImportedFunction {
  const run = call as (...args: unknown[]) => ReturnType<ImportedFunction>
  if (call.length === count) return call
  if (count === 1) return (a: unknown) => run(a)
  if (count === 2) return (a: unknown, b: unknown) => run(a, b)
  if (count === 3) return (a: unknown, b: unknown, c: unknown) => run(a, b, c)
  if (count === 4) return (a: unknown, b: unknown, c: unknown, d: unknown) => run(a, b, c, d)
  if (count === 5) return (a: unknown, b: unknown, c: unknown, d: unknown, e: unknown) => run(a, b, c, d, e)
  return call
}

function givesFloats(entry: ModuleImport, isReferred: boolean): boolean {
  if (entry.kind !== 'func') return false
  const { results } = entry.type
  return (isReferred || results.length > 1) && results.some((type) => type === 'f32' || type === 'f64')
}

/** Returns the function with the canonical NaN in its results: engines pass on the bits of a NaN as they happen to be. */
function canonical(implementation: ImportedFunction): ImportedFunction {
  const canonicalNumber = <Value>(value: Value): Value | number => (Number.isNaN(value) ? Number.NaN : value)
  return (...args) => {
    const result = implementation(...args)
    return Array.isArray(result) ? result.map(canonicalNumber) : canonicalNumber(result)
  }
}

/** Returns the function with a charge for each call. */
function charging({ charge }: LinkContext, price: number, implementation: ImportedFunction): ImportedFunction {
  return (...args) => {
    charge(price)
    return implementation(...args)
  }
}

function unknownModule(module: string, name: string, context: LinkContext): never {
  const modules = [...(context.guestModules ?? []).map((each) => each.module), ...MODULE_NAMES, ...Object.keys(context.host)]
  const nearest = nearestName(module, modules)
  const named = nearest === undefined ? `the modules are ${modules.join(', ')}` : `did you mean '${nearest}'?`
  const advice = context.advice?.(module, name) ?? named
  throw new ScriptError(
    'UnknownImport',
    `${labelOf(module, name)} does not exist: there is no import module '${abbreviate(module)}'; ${advice}`,
  )
}
