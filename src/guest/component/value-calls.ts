import { type ErrorCode, ScriptError } from '../../errors.ts'
import type { RoleFunction } from '../guest.ts'
import type { InstanceMeter } from '../instance-meter.ts'
import { boundaryOf, coreExport, type SharedComponentParts } from './caller.ts'
import type { Boundary } from './canonical/boundary.ts'
import { FlatNumbers, liftValue, readValue } from './canonical/lift.ts'
import { lowerValue, writeValue } from './canonical/lower.ts'
import { exportName, type PlannedExport, type TypeReference } from './plan.ts'

/** Errors of a call that leave the instance as it was. */
const ANSWERS: readonly ErrorCode[] = ['SignatureMismatch', 'TooLarge', 'InvalidJson']

/** Calls the exports of a component with values. */
export class ValueCalls {
  readonly #shared: SharedComponentParts
  readonly #meter: InstanceMeter

  constructor(shared: SharedComponentParts, meter: InstanceMeter) {
    this.#shared = shared
    this.#meter = meter
  }

  /** Calls an export with values. Of a result of the type `result`, returns the value, or throws the error as `GuestError`. */
  call(exported: PlannedExport, values: readonly unknown[]): unknown {
    const { core, options, type } = exported
    const shared = this.#shared
    const call = coreExport(shared, core) as RoleFunction
    const postReturn = coreExport(shared, options.postReturn) as RoleFunction | undefined
    const value = this.run(() => {
      const boundary = boundaryOf(shared, options)
      const returned = call(...this.#lower(boundary, exported, values)) as number | bigint | undefined
      boundary.turn()
      const end = (): void => postReturn?.(...(returned === undefined ? [] : [returned])) as void
      try {
        const result = type.result === null ? undefined : lift(boundary, exported, type.result, returned)
        end()
        return result
      } catch (error) {
        if (error instanceof ScriptError && error.code === 'TooLarge') end()
        throw error
      }
    })
    return this.#unwrap(exported, value)
  }

  #lower(boundary: Boundary, exported: PlannedExport, values: readonly unknown[]): readonly (number | bigint)[] {
    const { params, places } = this.#shared.layouts.signature(exported.type)
    const { types, offsets, size, alignment } = places
    const place = (index: number): string => `'${exported.type.params[index]?.[0]}' of '${exportName(exported)}'`
    if (params !== undefined) return types.flatMap((type, index) => lowerValue(boundary, type, values[index], place(index)))
    const pointer = boundary.reserve(size, alignment)
    for (const [index, type] of types.entries())
      writeValue(boundary, type, values[index], pointer + (offsets[index] as number), place(index))
    return [pointer]
  }

  #unwrap(exported: PlannedExport, value: unknown): unknown {
    const { result } = exported.type
    if (typeof result !== 'number' || this.#shared.layouts.type(result).kind !== 'result') return value
    const { tag, val } = value as { readonly tag: string; readonly val: unknown }
    if (tag === 'ok') return val
    const message =
      typeof val === 'string'
        ? val
        : val === undefined
          ? `'${exportName(exported)}' failed`
          : JSON.stringify(toJson(val), (_, each) => (typeof each === 'bigint' ? `${each}` : each))
    throw new ScriptError('GuestError', message, { export: exportName(exported) })
  }

  /** Runs what calls into the component. Throws the error that ended it, as a {@link ScriptError}. */
  run<Result>(work: () => Result): Result {
    this.#meter.enter()
    try {
      return work()
    } catch (error) {
      // Neither a wrong argument, which is a mistake of the caller, nor a result that is too large is a fault.
      const isAnswer = error instanceof ScriptError && ANSWERS.includes(error.code) && this.#meter.refused === undefined
      throw isAnswer ? error : this.#meter.explain(error)
    }
  }
}

function lift(boundary: Boundary, { type }: PlannedExport, result: TypeReference, returned: number | bigint | undefined): unknown {
  const isNumber = boundary.layouts.signature(type).results !== undefined
  return isNumber ? liftValue(boundary, result, new FlatNumbers([returned ?? 0])) : readValue(boundary, result, Number(returned))
}

/** Returns a value as JSON has it: lists as arrays, numbers of 64 bits as numbers where those are exact. */
export function toJson(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
  if (Array.isArray(value)) return value.map(toJson)
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>, toJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, toJson(each)]))
}
