import * as nodeModule from 'node:module'
import { sourceCompilers } from '../files/compilers/registry.ts'

interface LoadedModule {
  readonly format: string
  readonly source: string
  readonly shortCircuit: true
}

type NextLoad = (url: string, context: object) => unknown

/**
 * A hook of Node: loads `./mover.wat?script` as a module whose default export is the `ScriptAsset` of that file. Node 20 gets it as
 * text, for another thread, so it must use nothing from outside of it.
 */
function load(url: string, context: object, nextLoad: NextLoad): unknown {
  const [file = '', query = ''] = url.split('?')
  const isScript = file.startsWith('file:') && query.split('&').includes('script')
  const name = decodeURIComponent(file.slice(file.lastIndexOf('/') + 1))
  // Its stack would be that of this text.
  const refuse = (why: string): never => {
    throw Object.assign(new Error(why), { stack: `Error: ${why}` })
  }
  if (isScript && /\.(wat|wasm|json|c|rs|ts)$/i.test(name)) {
    const asset = JSON.stringify({ name: name.replace(/(\.component)?\.wasm$|\.\w+$/i, ''), url: file })
    return { format: 'module', source: `export default Object.freeze(${asset})`, shortCircuit: true } satisfies LoadedModule
  }
  if (isScript)
    refuse(
      `${name} cannot be imported as a script: Node imports .wat and .wasm files, C (.c), Rust (.rs), AssemblyScript (.ts) and manifests (.json); load scripts in other languages by their URLs`,
    )
  if (/\.wat$/i.test(name) && query === '') refuse(`${name} is WAT text, not JavaScript: import './${name}?script' for a script`)
  return nextLoad(url, context)
}

/** The functions of `node:module` that register hooks: in this thread, from Node 22.15 on, or in another one. */
interface HookRegistry {
  readonly registerHooks?: (hooks: { readonly load: typeof load }) => void
  readonly register: (specifier: string) => void
}

let isRegistered = false

/** Makes Node import scripts as Vite does: `import mover from './mover.wat?script'`, and compile those that are sources. Further calls do nothing. */
export function registerScriptImports(): void {
  if (isRegistered) return
  isRegistered = true
  sourceCompilers()
  const { registerHooks, register } = nodeModule as unknown as HookRegistry
  if (registerHooks !== undefined) registerHooks({ load })
  else register(`data:text/javascript,${encodeURIComponent(`export const load = ${load}`)}`)
}
