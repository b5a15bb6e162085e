import { importFresh } from '../../fresh.ts'
import { assemble } from '../../wat.ts'
import type { Contestant } from '../contestant.ts'
import { embed } from '../embed.ts'
import type * as ignoreContextModule from '../ignore-context.ts'
import type { ScriptExports } from '../loop.ts'
import { bareWat } from '../program.ts'

/** The same module as a plugin. Its exports are called directly, since `call` passes bytes and returns a promise. */
export const extism: Contestant = {
  name: 'Extism',
  exact: true,
  async prepare(program, stage) {
    const { createPlugin } = await import('@extism/extism')
    const { accessors, loop } = await embed(program, stage)
    const data = await assemble(bareWat(program))
    const functions: Record<string, Record<string, ReturnType<typeof ignoreContextModule.ignoreContext>>> = {}
    for (const { module, name } of WebAssembly.Module.imports(new WebAssembly.Module(data))) {
      const { ignoreContext } = await importFresh<typeof ignoreContextModule>(new URL('../ignore-context.ts', import.meta.url))
      const accessor = accessors.functions[module]?.[name]
      if (accessor === undefined) throw new Error(`there is no accessor ${module} ${name}`)
      functions[module] = { ...functions[module], [name]: ignoreContext(accessor) }
    }
    const plugin = await createPlugin({ wasm: [{ data }] }, { functions })
    const { exports } = await plugin.getInstance()
    return { tick: loop(exports as unknown as ScriptExports), dispose: () => plugin.close() }
  },
}
