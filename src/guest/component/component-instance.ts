import { EXPORT, handledEvent } from '../../abi/exports.ts'
import { PRICES } from '../../abi/prices.ts'
import { toScriptError } from '../../engine/trap.ts'
import { ScriptError, withContext } from '../../errors.ts'
import { parseJson, writeJson } from '../../json.ts'
import { suggest } from '../../nearest-name.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'
import { RESERVED } from '../../wasm/format/reserved.ts'
import type { GuestInstance, GuestState, Handler, RoleFunction, Roles, StateVersions } from '../guest.ts'
import type { InstanceMeter } from '../instance-meter.ts'
import { LinkedState } from '../linked-state.ts'
import type { ScriptInstance } from '../script/script-instance.ts'
import { wrapping } from '../script/wrapping.ts'
import { coreExport, type SharedComponentParts } from './caller.ts'
import { isNumberPrimitive, wrapInteger } from './canonical/numbers.ts'
import { type ComponentPlan, exportName, type PlannedExport, type Primitive, type TypeReference } from './plan.ts'
import { isTextRole } from './roles.ts'
import { toJson, ValueCalls } from './value-calls.ts'
import { functionText } from './wit.ts'
import { snakeCase } from './wit-names.ts'

/** A core instance beside the main one. */
export interface OtherInstance {
  readonly name: string
  readonly exports: WebAssembly.Exports
  readonly module: DecodedModule
  readonly state: GuestState & { readonly pages: number }
}

/** The parts that {@link ComponentInstance} is made of. */
export interface InstanceParts {
  /** The main core instance, which serves the exports that pass only numbers. */
  readonly script: ScriptInstance
  readonly main: WebAssembly.Exports
  readonly plan: ComponentPlan
  readonly roles: ReadonlyMap<PlannedExport, string | undefined>
  readonly others: readonly OtherInstance[]
  readonly shared: SharedComponentParts
}

const encoder = new TextEncoder()
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** One instance of a component. Values cross its boundary as the canonical ABI has it. */
export class ComponentInstance implements GuestInstance {
  readonly meter: InstanceMeter
  readonly roles: Roles
  readonly state: GuestState
  readonly #parts: InstanceParts
  readonly #calls: ValueCalls
  /** The exports, by each name that calls may use for them. */
  readonly #exports: ReadonlyMap<string, PlannedExport>
  /** The exports that pass text, by the name that a script has for them. */
  readonly #text: ReadonlyMap<string, PlannedExport>

  constructor(parts: InstanceParts) {
    const { script, plan, roles, others } = parts
    this.#parts = parts
    this.meter = script.meter
    this.#calls = new ValueCalls(parts.shared, script.meter)
    this.state = new LinkedState(script.state, others)
    this.#exports = new Map(
      plan.exports.flatMap((exported): [string, PlannedExport][] => [
        [snakeCase(exportName(exported)), exported],
        [exportName(exported), exported],
      ]),
    )
    this.#text = new Map(
      [...roles].flatMap(([exported, role]): [string, PlannedExport][] =>
        role !== undefined && isTextRole(role, exported.type) ? [[role, exported]] : [],
      ),
    )
    this.roles = this.#rolesOf()
  }

  get pages(): number {
    return this.#parts.others.reduce((sum, { state }) => sum + state.pages, this.#parts.script.pages)
  }

  function(name: string): RoleFunction | undefined {
    const exported = this.#exports.get(name)
    return exported === undefined ? undefined : (coreExport(this.#parts.shared, exported.core) as RoleFunction)
  }

  start(): void {
    const { script, others } = this.#parts
    for (const { exports } of others) {
      const start = exports[RESERVED.start]
      if (typeof start === 'function') this.#calls.run(() => start())
    }
    script.start()
  }

  init(config: unknown): void {
    const init = this.#text.get(EXPORT.init)
    if (init === undefined) this.#parts.script.init(config)
    else wrapping('InitFailed', 'init failed', EXPORT.init, () => this.#calls.call(init, [this.#json(config)]))
  }

  readState(): unknown {
    return this.#read(EXPORT.getState)
  }

  takesState(state: unknown): boolean {
    return this.#text.has(EXPORT.setState) && !(state instanceof Uint8Array)
  }

  mismatch(_state: unknown, _versions: StateVersions): string | undefined {
    return undefined
  }

  writeState(state: unknown, _versions: StateVersions): boolean {
    const setState = this.#text.get(EXPORT.setState)
    if (setState === undefined) return false
    wrapping('StateRejected', 'set_state rejected the state', EXPORT.setState, () => this.#calls.call(setState, [this.#json(state)]))
    return false
  }

  readMetadata(): unknown {
    return this.#read(EXPORT.getMetadata)
  }

  call(name: string, numbers: readonly (number | bigint)[]): unknown {
    const exported = this.#find(name)
    const { params, result } = exported.type
    const isNumber = (type: TypeReference): boolean => type === 'bool' || isNumberPrimitive(type)
    if (!params.every(([, type]) => isNumber(type)) || (result !== null && !isNumber(result)))
      throw this.#mismatch(exported, 'takes or gives more than numbers; use callJson')
    if (numbers.length !== params.length) throw this.#mismatch(exported, `was given ${numbers.length} numbers`)
    const value = this.#calls.call(exported, numbers)
    return typeof value === 'boolean' ? Number(value) : value
  }

  callJson(name: string, arg: unknown): unknown {
    const exported = this.#find(name)
    const { params, result } = exported.type
    const given = params.length === 0 ? [] : params.length === 1 ? [arg] : this.#several(exported, arg)
    const values = params.map(([, type], index) => (type === 'string' ? this.#json(given[index]) : given[index]))
    if (params.length === 0 && arg !== undefined) throw this.#mismatch(exported, 'takes no argument')
    const value = this.#calls.call(exported, values)
    return result === 'string' ? this.#parse(exported, value as string) : toJson(value)
  }

  callBytes(name: string, bytes: Uint8Array): Uint8Array | undefined {
    const exported = this.#find(name)
    const { params, result } = exported.type
    const [first] = params.map(([, type]) => type)
    if (params.length > 1 || (first !== undefined && !this.#isText(first)))
      throw this.#mismatch(exported, 'must take one string or list<u8>')
    if (result !== null && !this.#isText(result)) throw this.#mismatch(exported, 'must give a string or list<u8>')
    if (first === undefined && bytes.length > 0) throw this.#mismatch(exported, `takes nothing, and was given ${bytes.length} bytes`)
    const value = this.#calls.call(exported, first === undefined ? [] : [first === 'string' ? decode(bytes) : bytes])
    return typeof value === 'string' ? encoder.encode(value) : (value as Uint8Array | undefined)
  }

  #isText(type: TypeReference): boolean {
    if (typeof type !== 'number') return type === 'string'
    const found = this.#parts.shared.layouts.type(type)
    return found.kind === 'list' && found.element === 'u8'
  }

  /** Returns several arguments, which are given as a list or by name. */
  #several(exported: PlannedExport, arg: unknown): readonly unknown[] {
    const { params } = exported.type
    if (Array.isArray(arg) && arg.length === params.length) return arg
    if (typeof arg !== 'object' || arg === null || Array.isArray(arg))
      throw this.#mismatch(exported, `takes a list of ${params.length} values, or an object with them by name`)
    const values = new Map(Object.entries(arg))
    return params.map(([name]) => values.get(name))
  }

  #read(role: string): unknown {
    const exported = this.#text.get(role)
    if (exported === undefined) return undefined
    try {
      return this.#parse(exported, this.#calls.call(exported, []) as string)
    } catch (error) {
      throw withContext(toScriptError(error), { export: role })
    }
  }

  #json(value: unknown): string {
    const { limit } = this.#parts.shared
    let text: string
    try {
      text = writeJson(value)
    } catch (cause) {
      throw new ScriptError('InvalidJson', 'the value that is passed cannot be written as JSON', { cause })
    }
    const bytes = text.length * 3 > limit ? encoder.encode(text).length : 0
    if (bytes > limit) throw new ScriptError('InvalidJson', `the JSON text has ${bytes} bytes, the limit is ${limit} (limits.jsonBytes)`)
    return text
  }

  #parse(exported: PlannedExport, text: string): unknown {
    this.#parts.shared.charge(PRICES.jsonByte * text.length)
    try {
      return parseJson(text)
    } catch (cause) {
      const name = exportName(exported)
      throw new ScriptError(
        'InvalidJson',
        `the string that '${name}' returned is not JSON: it begins ${JSON.stringify(text.slice(0, 40))}`,
        {
          export: name,
          cause,
        },
      )
    }
  }

  #find(name: string): PlannedExport {
    const exported = this.#exports.get(name)
    if (exported !== undefined) return exported
    throw new ScriptError('ExportNotFound', `it exports no function '${name}'${suggest(name, [...this.#exports.keys()])}`, { export: name })
  }

  #mismatch(exported: PlannedExport, what: string): ScriptError {
    const name = exportName(exported)
    return new ScriptError('SignatureMismatch', `'${name}' is ${functionText(this.#parts.shared.layouts, exported.type)} and ${what}`, {
      export: name,
    })
  }

  #rolesOf(): Roles {
    const { script, roles, shared } = this.#parts
    const functions = new Map(
      [...roles].flatMap(([exported, role]): [string, { readonly exported: PlannedExport; readonly call: RoleFunction }][] =>
        role === undefined || isTextRole(role, exported.type)
          ? []
          : [[role, { exported, call: coreExport(shared, exported.core) as RoleFunction }]],
      ),
    )
    const handlers = new Map<string, Handler>()
    for (const [role, { exported, call }] of functions) {
      const event = handledEvent(role)
      const { params, places } = shared.layouts.signature(exported.type)
      if (event !== undefined && params !== undefined) handlers.set(event, { params, call: narrowing(places.types, call) })
    }
    return {
      ...script.roles,
      tick: functions.get(EXPORT.tick)?.call,
      update: functions.get(EXPORT.update)?.call,
      onAttach: functions.get(EXPORT.onAttach)?.call,
      onDetach: functions.get(EXPORT.onDetach)?.call,
      handlers,
      init: this.#text.has(EXPORT.init) || functions.has(EXPORT.init),
      getState: this.#text.has(EXPORT.getState),
      getMetadata: this.#text.has(EXPORT.getMetadata),
    }
  }
}

/** Integers that have fewer bits than the number by which a core function passes them. */
const NARROW: readonly TypeReference[] = ['u8', 's8', 'u16', 's16']

/** Returns a handler whose integers wrap to its own types, as those of fields do. */
function narrowing(types: readonly TypeReference[], call: RoleFunction): RoleFunction {
  if (!types.some((type) => NARROW.includes(type))) return call
  return (...numbers) =>
    call(
      ...numbers.map((number, index) =>
        NARROW.includes(types[index] as TypeReference) ? wrapInteger(types[index] as Primitive, number) : number,
      ),
    )
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new ScriptError('InvalidOptions', 'the bytes that are passed as a string are not UTF-8', { cause })
  }
}
