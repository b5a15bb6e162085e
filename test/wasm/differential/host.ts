import type { DecodedModule, FunctionType, ModuleImport } from '../../../src/wasm/format/module.ts'
import { describeError, describeValue } from './describe.ts'

type AnyFunction = (...args: unknown[]) => unknown

/** How deep and how often host functions call back into the module. Such calls have fuel of their own. */
const MAX_NESTED = 20
const MAX_CALLS_BACK = 2000
const THROWN_IN_MODULE: WebAssembly.Tag | undefined =
  WebAssembly.Tag === undefined ? undefined : new WebAssembly.Tag({ parameters: ['i32'] })
const THROWN_IN_HOST: WebAssembly.Tag | undefined =
  (WebAssembly as { JSTag?: WebAssembly.Tag }).JSTag ??
  (WebAssembly.Tag === undefined ? undefined : new WebAssembly.Tag({ parameters: ['externref'] }))

/** The host of one instance: provides its imports and records all calls of them. */
export class RecordingHost {
  readonly imports: WebAssembly.Imports = {}
  /** The calls since the record was last cleared. */
  readonly calls: string[] = []
  /** Calls back into the module. */
  around: (work: () => unknown) => unknown = (work) => work()
  readonly #module: DecodedModule
  #exports: WebAssembly.Exports = {}
  #functions: readonly { readonly target: AnyFunction; readonly type: FunctionType | undefined }[] = []
  #nested = 0
  #callsBack = 0

  constructor(module: DecodedModule) {
    this.#module = module
    for (const entry of module.imports) {
      this.imports[entry.module] ??= {}
      const values = this.imports[entry.module] as WebAssembly.ModuleImports
      values[entry.name] = this.#importValue(entry)
    }
  }

  /** The instance that host functions call back into. */
  bind(exports: WebAssembly.Exports): void {
    this.#exports = exports
    this.#functions = this.#module.exports
      .filter(({ kind }) => kind === 'func')
      .map(({ name, index }) => ({ target: exports[name] as AnyFunction, type: this.#module.functions[index] }))
  }

  #importValue(entry: ModuleImport): WebAssembly.ImportValue {
    switch (entry.kind) {
      case 'func':
        return this.#function(entry.name, entry.type) as WebAssembly.ImportValue
      case 'global':
        return new WebAssembly.Global(
          { value: entry.global.value as WebAssembly.ValueType, mutable: entry.global.mutable },
          argumentOf(entry.global.value, 7) as never,
        )
      case 'memory':
        return new WebAssembly.Memory({ initial: entry.memory.minimum, maximum: entry.memory.maximum ?? 65_536 })
      case 'table': {
        const { element, limits } = entry.table
        const maximum = limits.maximum === undefined ? {} : { maximum: limits.maximum }
        return new WebAssembly.Table({ element: element === 'funcref' ? 'anyfunc' : 'externref', initial: limits.minimum, ...maximum })
      }
      case 'tag':
        return (entry.name === 'jstag' ? THROWN_IN_HOST : THROWN_IN_MODULE) as unknown as WebAssembly.ImportValue
    }
  }

  #function(name: string, type: FunctionType): AnyFunction {
    return (...args) => {
      this.calls.push(`${name}(${args.map(describeValue).join(', ')})`)
      return this.#perform(name, args) ?? defaultResult(type)
    }
  }

  #perform(name: string, [first, second]: readonly unknown[]): unknown {
    const table = Object.values(this.#exports).find((value) => value instanceof WebAssembly.Table)
    switch (name) {
      case 'throw':
        if (first === 0 || THROWN_IN_MODULE === undefined) throw new Error('thrown by the host')
        throw new WebAssembly.Exception(THROWN_IN_MODULE, [first as number])
      case 'table-get':
        return table?.get((first as number) >>> 0)
      case 'table-set':
        table?.set((first as number) >>> 0, second)
        return undefined
      case 'call-export':
      case 'call-export-catch':
        return this.#callBack(this.#functions[(first as number) >>> 0], name.endsWith('catch'))
      case 'call-ref':
      case 'call-ref-catch':
        // The name of a wasm function is its index.
        return this.#callBack(
          typeof first === 'function' ? { target: first as AnyFunction, type: this.#module.functions[Number(first.name)] } : undefined,
          name.endsWith('catch'),
        )
      default:
        return undefined
    }
  }

  #callBack(called: { readonly target: AnyFunction; readonly type: FunctionType | undefined } | undefined, catches: boolean): unknown {
    if (called === undefined) throw new Error('nothing to call')
    if (this.#nested >= MAX_NESTED || ++this.#callsBack > MAX_CALLS_BACK) throw new Error('too many calls within calls')
    this.#nested++
    try {
      const result = this.around(() => called.target(...(called.type?.params ?? []).map(argumentOf)))
      this.calls.push(`gave ${describeValue(result)}`)
      return catches ? 0 : undefined
    } catch (error) {
      if (!catches) throw error
      this.calls.push(`caught ${describeError(error, this.#exports)}`)
      return 1
    } finally {
      this.#nested--
    }
  }
}

function defaultResult({ results }: FunctionType): unknown {
  const values = results.map((type) => argumentOf(type, 0))
  return values.length < 2 ? values[0] : values
}

/** Returns a value of a type, derived from a number. */
export function argumentOf(type: string, number: number): unknown {
  switch (type) {
    case 'i32':
      return number | 0
    case 'i64':
      return BigInt.asIntN(64, BigInt(Math.trunc(number)) * 0x9e3779b97f4a7c15n)
    case 'f32':
    case 'f64':
      return number % 7 === 3 ? Number.NaN : number / 3
    case 'externref':
    case '(ref extern)':
      return `value ${number}`
    default:
      return null
  }
}
