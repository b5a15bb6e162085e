import { ScriptError } from '../../errors.ts'
import { Reader } from '../../wasm/format/reader.ts'

/** The custom section with the plan of a prepared component. */
export const PLAN_SECTION = 'bitscript:component'
/** The custom sections with its core modules, in order. */
export const MODULE_SECTION = 'bitscript:module'

const HEADER_BYTES = 8

/** Returns whether the header of a binary has the layer of components. The layer of a core module is 0. */
export function isComponent(bytes: Uint8Array): boolean {
  return bytes[4] !== undefined && bytes[6] === 1 && bytes[7] === 0
}

/** Returns whether a binary is a prepared component: its first section is the plan. */
export function isPrepared(bytes: Uint8Array): boolean {
  try {
    return readCustom(new Reader(bytes, { start: HEADER_BYTES, end: bytes.length }))?.name === PLAN_SECTION
  } catch {
    return false
  }
}

/** The parts of a prepared component. */
export interface Container {
  readonly plan: Uint8Array<ArrayBuffer>
  readonly modules: readonly Uint8Array<ArrayBuffer>[]
}

/** Reads a prepared component. Throws `InvalidBinary`. */
export function readContainer(bytes: Uint8Array<ArrayBuffer>): Container {
  const reader = new Reader(bytes, { start: HEADER_BYTES, end: bytes.length })
  let plan: Uint8Array<ArrayBuffer> | undefined
  const modules: Uint8Array<ArrayBuffer>[] = []
  while (!reader.done) {
    const section = readCustom(reader)
    if (section?.name === PLAN_SECTION && plan === undefined) plan = section.content
    else if (section?.name === MODULE_SECTION) modules.push(section.content)
    else throw new ScriptError('InvalidBinary', 'the prepared component has a section that it cannot have; prepare the component again')
  }
  if (plan === undefined) throw new ScriptError('InvalidBinary', 'the prepared component has no plan; prepare the component again')
  return { plan, modules }
}

function readCustom(reader: Reader): { readonly name: string; readonly content: Uint8Array<ArrayBuffer> } | undefined {
  if (reader.byte('a section') !== 0) return undefined
  const { start, end } = reader.skip(reader.u32('the size of a section'), 'a section')
  const section = new Reader(reader.bytes, { start, end })
  const name = section.name('the name of a section')
  return { name, content: reader.bytes.slice(section.position, end) as Uint8Array<ArrayBuffer> }
}
