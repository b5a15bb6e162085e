import { copyJson } from '../../json.ts'
import { readStateOfCopy } from '../image/script-image.ts'
import { inScript } from '../script/faults.ts'
import type { Script } from '../script/script.ts'
import { runStep } from '../script/step.ts'
import type { Store } from '../script/store.ts'
import { instanceFor } from './entity-instances.ts'

/** Returns the result of `get_state` of a copy of a script; `undefined` if the script does not export it. */
export function readState(store: Store, script: Script): unknown {
  const { running } = script
  if (running === undefined || !running.instance.roles.getState) return undefined
  try {
    return runStep(store, () => readStateOfCopy(store, script, running.generation, running.instance.state.save()))
  } catch (error) {
    throw inScript(script, error)
  }
}

/** Returns copies of the variables of a plugin: those of an entity's instance, if one is given. */
export function readVariables(script: Script, entity: number | undefined): ReadonlyMap<string, Uint8Array> {
  const instance = entity === undefined ? script.running?.instance : instanceFor(script, entity)
  return copyBytes(instance?.variables)
}

/** Returns a copy of the config of a script. A plugin's has the values of its manifest, too. */
export function readConfig({ running, config }: Script): unknown {
  const values = running?.generation.program.configValues
  return values === undefined ? copyJson(config) : Object.fromEntries(values)
}

/** Returns copies of what a script keeps in its storage. */
export function readStorage({ services }: Script): ReadonlyMap<string, Uint8Array> {
  return copyBytes(services?.storage.all)
}

function copyBytes(values: ReadonlyMap<string, Uint8Array> = new Map()): ReadonlyMap<string, Uint8Array> {
  return new Map([...values].map(([name, bytes]) => [name, bytes.slice()]))
}
