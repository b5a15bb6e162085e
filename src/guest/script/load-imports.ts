import { notLoaded } from '../../errors.ts'
import { LATER_NAMES, MODULE_NAMES, SERVICE_NAMES } from '../../host/link/imports.ts'
import type { LinkContext } from '../../host/modules/import-module.ts'
import type { MathFunctions } from '../../host/services/math-functions.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'

/** What a context has only for modules that import it. */
export type LaterParts = Pick<LinkContext, 'advice' | 'laterModules' | 'math' | 'services'>

/** What it has for all others. */
export const NOTHING_LATER: LaterParts = { laterModules: [], math: undefined, services: undefined }

/** Loads what few modules import: relations, the functions of `math`, the services, and what to do about imports that do not exist. */
export async function loadImports({ imports }: DecodedModule, context: Omit<LinkContext, keyof LaterParts>): Promise<LaterParts> {
  const wanted = new Set(imports.flatMap(({ module }) => (LATER_NAMES.includes(module) ? module : [])))
  const isKnown = imports.every(({ module, name }) => MODULE_NAMES.includes(module) || Object.hasOwn(context.host[module] ?? {}, name))
  if (wanted.size === 0 && isKnown) return NOTHING_LATER
  const [later, math, services, toolchain] = await Promise.all([
    wanted.size > 0 ? import('../../host/link/later-imports.ts').catch(notLoaded('what scripts import')) : undefined,
    wanted.has('math') ? loadMath() : undefined,
    SERVICE_NAMES.some((name) => wanted.has(name)) ? context.loadServices() : undefined,
    // Without it, an error says less.
    isKnown ? undefined : import('../../host/link/toolchain-imports.ts').catch(() => undefined),
  ])
  return { laterModules: later?.LATER_IMPORTS ?? [], math, services, advice: toolchain?.toolchainAdvice }
}

async function loadMath(): Promise<MathFunctions> {
  return (await import('../../host/services/math-functions.ts').catch(notLoaded('the functions of math'))).MATH
}
