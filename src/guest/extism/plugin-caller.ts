import { ScriptError } from '../../errors.ts'
import type { Caller } from '../../host/modules/import-module.ts'
import type { InstanceMemory } from '../../wasm/instance/instance-memory.ts'
import { LateCaller } from '../script/script-instance.ts'
import type { Kernel } from './kernel.ts'
import type { Variables } from './variables.ts'

/** What all core modules of a plugin share. */
export interface SharedPluginParts {
  readonly kernel: Kernel
  readonly variables: Variables
  readonly config: () => ReadonlyMap<string, string>
  readonly linked: ReadonlyMap<string, WebAssembly.Exports>
}

/** The caller of the imports of one core module of a plugin. */
export class PluginCaller extends LateCaller {
  readonly kernel: Kernel
  readonly variables: Variables
  /** Returns the values of `config_get`, by key. */
  readonly config: () => ReadonlyMap<string, string>
  /** The exports of the modules that the plugin imports, by name. */
  readonly linked: ReadonlyMap<string, WebAssembly.Exports>
  /** The memory of the core module that calls WASI, once it is made. */
  memory: InstanceMemory | undefined

  get blocks(): Kernel {
    return this.kernel
  }

  constructor({ kernel, variables, config, linked }: SharedPluginParts) {
    super()
    this.kernel = kernel
    this.variables = variables
    this.config = config
    this.linked = linked
  }
}

/** Returns a caller as that of a plugin. Only plugins are linked with the modules that use it. */
export function pluginOf(caller: Caller): PluginCaller {
  if (caller instanceof PluginCaller) return caller
  throw new ScriptError('HostError', 'an import of Extism was called by another kind of module')
}

/** Returns a function that returns the {@link configValues} of the config as it is at the time. */
export function liveConfigValues(config: () => unknown, manifest?: Readonly<Record<string, string>>): () => ReadonlyMap<string, string> {
  let known = config()
  let values = configValues(known, manifest)
  return () => {
    const now = config()
    if (now !== known) values = configValues(now, manifest)
    known = now
    return values
  }
}

/** Returns the values of `config_get`: text as it is, all else as JSON. The option wins over the manifest. */
export function configValues(config: unknown, manifest: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> {
  const own = typeof config !== 'object' || config === null || Array.isArray(config) ? {} : config
  const texts = Object.entries(own).flatMap(([key, value]): [string, string][] => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return text === undefined ? [] : [[key, text]]
  })
  return new Map([...Object.entries(manifest), ...texts])
}
