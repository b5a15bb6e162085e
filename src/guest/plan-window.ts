import { EXPORT } from '../abi/exports.ts'
import { PAGE_BYTES } from '../abi/types.ts'
import type { Reserve } from '../ecs/components/reserve.ts'
import { ScriptError } from '../errors.ts'
import { growsMemory } from '../wasm/decode/grows-memory.ts'
import { type DecodedModule, exportedFunction } from '../wasm/format/module.ts'
import { arenaPagesOf, type BoundedLimits, boundMemories } from '../wasm/rewrite/sections.ts'
import type { CodePlan } from './core-module.ts'
import { CoreWindow, noRoomFor } from './core-window.ts'

/** The part of the reserve by which a memory may grow that declares no maximum, and the least pages that it gets. */
const GROWTH_OF_RESERVE = 16
const LEAST_GROWTH = 16

/** Allocates the window of a module that needs one: it has a memory of its own, and reaches columns or is traced, where a module can have one memory. */
export function allocateWindow(
  module: DecodedModule,
  plan: CodePlan,
  reserve: Reserve | undefined,
): { readonly plan: CodePlan; readonly window: CoreWindow | undefined; readonly withoutWindow: string | undefined } {
  const reaches =
    plan.trace !== undefined ||
    plan.imports.some(({ accessor }) => accessor !== undefined) ||
    exportedFunction(module, EXPORT.update) !== undefined
  const nothing = { plan, window: undefined, withoutWindow: undefined }
  if (reserve === undefined || !reaches) return nothing
  if (module.memories.length > 1) return { ...nothing, withoutWindow: 'it has several memories, and a module can have one here' }
  const pages = windowPages(module, plan, reserve)
  const window = CoreWindow.allocate(reserve, pages)
  if (window !== undefined) return { plan: { ...plan, window: window.place }, window, withoutWindow: undefined }
  if (plan.oneMemory === true) throw new ScriptError('OutOfMemory', noRoomFor(pages))
  return { ...nothing, withoutWindow: noRoomFor(pages) }
}

function windowPages(module: DecodedModule, { memoryPages, jsonBytes }: CodePlan, reserve: Reserve): number {
  const [bounds] = boundMemories(module, memoryPages, arenaPagesOf(module, jsonBytes))
  const { minimum, maximum } = bounds as BoundedLimits
  if (module.memories[0]?.maximum !== undefined) return maximum
  if (!growsMemory(module)) return minimum
  const growth = Math.max(LEAST_GROWTH, Math.floor(reserve.bytes / GROWTH_OF_RESERVE / PAGE_BYTES))
  return Math.min(maximum, minimum + growth)
}
