import { Writer } from '../../../wasm/format/writer.ts'
import { MODULE_SECTION, PLAN_SECTION } from '../container.ts'
import { planComponent } from './plan-component.ts'
import { validateComponent } from './validate.ts'

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]

/**
 * Prepares a component, so that it loads without what reads components: returns a module without code that holds its core modules and the
 * plan that links them. Rejects with `EngineUnavailable` if `@bytecodealliance/jco-transpile` is not installed, `InvalidBinary` for a component that
 * is invalid or that a game cannot run, `TooLarge`.
 */
export async function prepareComponent(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  await validateComponent(bytes)
  const { plan, modules } = planComponent(bytes)
  const out = new Writer().bytes(HEADER)
  const custom = (name: string, content: Uint8Array): void => {
    out.byte(0).sized(() => out.name(name).bytes(content))
  }
  custom(PLAN_SECTION, new TextEncoder().encode(JSON.stringify(plan)))
  for (const module of modules) custom(MODULE_SECTION, module)
  return out.finish()
}
