import { ScriptError } from '../../errors.ts'
import type { ScriptId } from '../api/script-info.ts'
import { inScript } from './faults.ts'
import type { Running } from './generation.ts'
import type { Script } from './script.ts'
import type { Store } from './store.ts'

/** Returns the script with an id. Throws `ScriptNotFound`. */
export function findScript({ scripts }: Store, id: ScriptId): Script {
  const script = scripts.find((each) => each.id === id)
  if (script === undefined)
    throw new ScriptError('ScriptNotFound', `there is no script ${String(id)}`, typeof id === 'number' ? { scriptId: id } : {})
  return script
}

/** Returns the script with a name. Throws `ScriptNotFound`. */
export function findNamed({ scripts }: Store, name: string): Script {
  const script = scripts.find((each) => each.name === name)
  if (script === undefined) throw new ScriptError('ScriptNotFound', `there is no script '${name}'`, { script: name })
  return script
}

/** Returns the script with an id or a name. Throws `ScriptNotFound`. */
export function findAddressee(store: Store, to: ScriptId | string): Script {
  return typeof to === 'string' ? findNamed(store, to) : findScript(store, to)
}

/** Returns the script with an id, which runs. Throws `ScriptNotFound`, also while it is loading. */
export function findLoaded(store: Store, id: ScriptId): Script & { readonly running: Running } {
  const script = findScript(store, id)
  if (script.running === undefined) throw inScript(script, new ScriptError('ScriptNotFound', 'it is still loading'))
  return script as Script & { readonly running: Running }
}
