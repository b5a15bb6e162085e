import { PRICES } from '../../abi/prices.ts'
import type { SignatureType } from '../../abi/types.ts'
import { ScriptError } from '../../errors.ts'
import type { FixedImport, FixedModule, ImportedFunction } from '../../host/modules/import-module.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'
import { pluginOf } from './plugin-caller.ts'

export const ENV_MODULE = 'extism:host/env'

/** Functions of the kernel, which spend the plugin's fuel themselves. */
const KERNEL_FUNCTIONS: Readonly<
  Record<string, readonly [params: readonly SignatureType[], results: readonly SignatureType[], meaning: string]>
> = {
  alloc: [['i64'], ['i64'], 'allocate a block of so many bytes; 0 if there is no room'],
  free: [['i64'], [], 'free a block'],
  length: [['i64'], ['i64'], 'the length of a block; 0 if no block begins there'],
  length_unsafe: [['i64'], ['i64'], 'the same'],
  load_u8: [['i64'], ['i32'], 'read a byte of a block'],
  load_u64: [['i64'], ['i64'], 'read eight bytes of a block'],
  store_u8: [['i64', 'i32'], [], 'write a byte of a block'],
  store_u64: [['i64', 'i64'], [], 'write eight bytes of a block'],
  input_offset: [[], ['i64'], 'the block of the input'],
  input_length: [[], ['i64'], 'the length of the input'],
  input_load_u8: [['i64'], ['i32'], 'read a byte of the input'],
  input_load_u64: [['i64'], ['i64'], 'read eight bytes of the input'],
  input_set: [['i64', 'i64'], [], 'replace the input'],
  output_set: [['i64', 'i64'], [], 'set the output: offset and length'],
  output_offset: [[], ['i64'], 'the offset of the output'],
  output_length: [[], ['i64'], 'the length of the output'],
  error_set: [['i64'], [], 'set the error to the text of a block'],
  error_get: [[], ['i64'], 'the block of the error'],
  reset: [[], [], 'free everything'],
}

/** The levels of the host's log, by the function that logs at it. */
const LOG_FUNCTIONS = { log_trace: 0, log_debug: 0, log_info: 1, log_warn: 2, log_error: 3 } as const

/** The level from which a plugin logs: all of them. */
const TRACE = 0

const fromKernel = (name: string, [params, results, meaning]: (typeof KERNEL_FUNCTIONS)[string]): FixedImport => ({
  params,
  results,
  meaning,
  price: 0,
  implement: (_, caller) => pluginOf(caller).kernel.exports[name] as ImportedFunction,
})

const logging = (name: string, level: number): FixedImport => ({
  params: ['i64'],
  results: [],
  meaning: `log the text of a block at ${name.slice('log_'.length)}`,
  price: PRICES.log,
  refuses: true,
  implement:
    ({ log }, caller) =>
    (at: bigint) =>
      log.line(level, () => pluginOf(caller).kernel.takeText(at)),
})

/** The import module of the Extism PDK: https://extism.org/docs/concepts/pdk */
export const envModule: FixedModule = {
  module: ENV_MODULE,
  functions: {
    ...Object.fromEntries(Object.entries(KERNEL_FUNCTIONS).map(([name, row]) => [name, fromKernel(name, row)])),
    ...Object.fromEntries(Object.entries(LOG_FUNCTIONS).map(([name, level]) => [name, logging(name, level)])),
    get_log_level: {
      params: [],
      results: ['i32'],
      meaning: 'the lowest level that is logged: 0, trace',
      price: PRICES.read,
      implement: () => () => TRACE,
    },
    config_get: {
      params: ['i64'],
      results: ['i64'],
      meaning: 'a value of the config; 0 if there is none',
      price: PRICES.hostCall,
      refuses: true,
      implement: (_, caller) => (key: bigint) => {
        const { kernel, config } = pluginOf(caller)
        return kernel.store(config().get(kernel.takeText(key)) ?? '')
      },
    },
    var_get: {
      params: ['i64'],
      results: ['i64'],
      meaning: 'a variable; 0 if there is none',
      price: PRICES.hostCall,
      refuses: true,
      implement: (_, caller) => (key: bigint) => {
        const { kernel, variables } = pluginOf(caller)
        return kernel.store(variables.all.get(kernel.takeText(key)) ?? '')
      },
    },
    var_set: {
      params: ['i64', 'i64'],
      results: [],
      meaning: 'set a variable, or remove it if the value is 0',
      price: PRICES.hostCall,
      refuses: true,
      implement: (_, caller) => (key: bigint, value: bigint) => {
        const { kernel, variables } = pluginOf(caller)
        const name = kernel.takeText(key)
        variables.set(name, value === 0n ? undefined : kernel.take(value))
      },
    },
  },
}

/** Throws `EngineUnavailable` for a plugin that makes HTTP requests: the game cannot wait for them within a tick. */
export function refuseNetwork({ imports }: DecodedModule): void {
  const found = imports.find(({ module, name }) => module === ENV_MODULE && name.startsWith('http_'))
  if (found === undefined) return
  throw new ScriptError(
    'EngineUnavailable',
    `the plugin imports ${ENV_MODULE}::${found.name}, which waits for the network, and a tick cannot wait: load it with worker: true`,
  )
}
