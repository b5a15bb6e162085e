import type { DecodedModule } from '../format/module.ts'

/** Where a module may take floats from the host, whose engine chooses the bits of their NaN. */
export interface HostFloats {
  /** The functions with float parameters that the host may call. */
  readonly callable: ReadonlySet<number>
  /** Whether there are float globals. A snapshot keeps a number and not the bits of its NaN. */
  readonly inGlobals: boolean
  /** Whether a call of any function may give a float of the host, by a tail call of an import. */
  readonly fromCalls: boolean
  /** Whether imports may be functions of other instances. */
  readonly isLinked: boolean
}

/** No floats of the host. */
export const NO_HOST: HostFloats = { callable: new Set(), inGlobals: false, fromCalls: false, isLinked: false }

/** Returns where a module may take floats from the host, if none of its functions ends with a tail call of an import. */
export function hostFloats(module: DecodedModule, isLinked: boolean): HostFloats {
  const exported = module.exports.filter(({ kind, index }) => kind === 'func' && hasFloats(module.functions[index]?.params))
  return {
    callable: new Set(exported.map(({ index }) => index)),
    inGlobals: module.globals.some(({ value }) => isFloat(value)),
    fromCalls: false,
    isLinked,
  }
}

/** Returns whether a function may take floats from the host, although it calls no import that gives one. */
export function mayTakeFloats(index: number, { callable, inGlobals, fromCalls }: HostFloats): boolean {
  return inGlobals || fromCalls || callable.has(index)
}

/** Returns whether any of the types is a float. */
export function hasFloats(types: readonly string[] | undefined): boolean {
  return types?.some(isFloat) === true
}

/** Returns whether a type is a float. */
export function isFloat(type: string | undefined): type is 'f32' | 'f64' {
  return type === 'f32' || type === 'f64'
}
