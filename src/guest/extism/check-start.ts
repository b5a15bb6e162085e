import { ScriptError } from '../../errors.ts'
import { type DecodedModule, type FunctionType, formatFunctionType, sameFunctionType } from '../../wasm/format/module.ts'

const NOTHING: FunctionType = { params: [], results: [] }
/** The functions that compilers export to start a module. `hs_init` takes Haskell's arguments. */
const START_FUNCTIONS: Readonly<Record<string, FunctionType>> = {
  _initialize: NOTHING,
  _start: NOTHING,
  hs_init: { params: ['i32', 'i32'], results: [] },
}

/** Checks the types of the functions that start a module of a plugin. Throws `SignatureMismatch`. */
export function checkStart({ exports, functions }: DecodedModule): void {
  for (const { name, kind, index } of exports) {
    const wanted = Object.hasOwn(START_FUNCTIONS, name) ? START_FUNCTIONS[name] : undefined
    const type = kind === 'func' ? functions[index] : undefined
    if (wanted === undefined || type === undefined || sameFunctionType(wanted, type)) continue
    const detail = `'${name}' is ${formatFunctionType(type)} and must be ${formatFunctionType(wanted)}`
    throw new ScriptError('SignatureMismatch', detail, { export: name })
  }
}
