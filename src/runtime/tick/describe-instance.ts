import { ArrayCopy, type ArrayImage, type ArrayKeeper } from '../../array-image.ts'
import type { Program } from '../../guest/guest.ts'
import { decodeModule } from '../../wasm/decode/decode.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'
import type { CellImage, InstanceImage } from '../../wasm/instance/instance-state.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'
import type { ScriptId } from '../api/script-info.ts'
import { findLoaded } from '../script/find-script.ts'
import { checkIdle, storeOf } from '../script/store.ts'
import { instanceFor } from './entity-instances.ts'

/** A mutable global of an instance. */
export interface DescribedGlobal {
  /** Its name in the text or that of its export; `global 3` if it has none. A global of a linked module has the name of that module before it. */
  readonly name: string
  /** Its type in WebAssembly. */
  readonly type: string
  /** Its value; a text for a vector or a reference. */
  readonly value: number | bigint | string
}

/** A memory of an instance. */
export interface DescribedMemory {
  /** `memory`, with its index if it is not the first; of a linked module, with the name of that module before it. */
  readonly name: string
  /** The bytes that it has. */
  readonly length: number
  /**
   * Returns a copy of bytes: fewer than asked for at the end of the memory. The host arena, in which the runtime passes data, reads as zeros. Valid until
   * the script runs again.
   */
  read(address: number, length: number): Uint8Array
}

/** The memories and globals of an instance, as {@link describeInstance} returns them. */
export interface InstanceDescription {
  /** The entities of the script that have an instance of their own, as with `instances: 'entity'`. */
  readonly entities: readonly number[]
  /** Its mutable globals. */
  readonly globals: readonly DescribedGlobal[]
  /** Its memories. */
  readonly memories: readonly DescribedMemory[]
}

/**
 * Returns the globals and memories of an instance of a script as they are now: of the one that all entities share, or with `instances: 'entity'` of that of
 * an entity; `undefined` if the entity has none. Runs nothing, and changes nothing. A plugin in a worker has none to read.
 *
 * @throws {ScriptError} ScriptNotFound; HostError while scripts are running; InvalidOptions if the first argument is not a runtime
 * @example
 * const [memory] = describeInstance(runtime, gun)?.memories ?? []
 * console.log(memory?.read(1024, 16))
 */
export function describeInstance(runtime: object, id: ScriptId, entity?: number): InstanceDescription | undefined {
  const store = storeOf(runtime)
  checkIdle(store, 'describeInstance')
  const script = findLoaded(store, id)
  const { running } = script
  const instance = entity === undefined ? running.instance : instanceFor(script, entity)
  if (instance === undefined) return undefined
  const { program } = running.generation
  const image = instance.state.save('', LIVE)
  const linked = [...(image.linked ?? [])]
  return {
    entities: [...running.entityInstances.keys()].sort((one, other) => one - other),
    globals: [...globalsOf(image, moduleOf(program)), ...linked.flatMap(([name, part]) => globalsOf(part, undefined, name))],
    memories: [
      ...memoriesOf(image, program.arenaEnd),
      // The arena is in the first module.
      ...linked.flatMap(([name, part]) => memoriesOf(part, 0, name)),
    ],
  }
}

/** Keeps arrays as they are, without a copy. */
const LIVE: ArrayKeeper = {
  keep: (_, values) => new ArrayCopy(values),
  keepIntegers: (_, list) => new ArrayCopy(Uint32Array.from(list)),
}

/** Returns the module that an image of a program is of; `undefined` for a component, which is made of several. */
function moduleOf({ kind, source }: Program): DecodedModule | undefined {
  if (kind === 'component') return undefined
  const module = modules.get(source) ?? decodeModule(source.bytes)
  modules.set(source, module)
  return module
}

const modules = new WeakMap<SourceModule, DecodedModule>()

function globalsOf({ globals, vectors }: InstanceImage, module: DecodedModule | undefined, prefix?: string): readonly DescribedGlobal[] {
  const exported = new Map(module?.exports.flatMap(({ kind, index, name }) => (kind === 'global' ? [[index, name] as const] : [])))
  const values = [
    ...[...globals].map(([index, cell]) => [index, cellValue(cell), typeof cell.value === 'bigint' ? 'i64' : 'f64'] as const),
    ...[...vectors].map(([index, lanes]) => [index, formatVector(lanes), 'v128'] as const),
  ]
  return values
    .sort(([one], [other]) => one - other)
    .map(([index, value, known]) => ({
      name: named(module?.names.globals.get(index) ?? exported.get(index) ?? `global ${index}`, prefix),
      type: module?.globals[index]?.value ?? known,
      value,
    }))
}

function cellValue({ value, functionIndex }: CellImage): number | bigint | string {
  if (functionIndex !== undefined) return `function ${functionIndex}`
  return typeof value === 'number' || typeof value === 'bigint' ? value : String(value)
}

/** Formats two i64, the lower one first, as a number of 128 bits. */
function formatVector(lanes: readonly bigint[]): string {
  const digits = lanes.map((lane) => BigInt.asUintN(64, lane).toString(16).padStart(16, '0'))
  return `0x${digits.reverse().join('')}`
}

function memoriesOf({ memories }: InstanceImage, arenaEnd: number, prefix?: string): readonly DescribedMemory[] {
  return memories.map((parts, index) => {
    const places = placesOf(parts, arenaEnd)
    const length = places.reduce((end, { at, bytes }) => Math.max(end, at + bytes.length), 0)
    return {
      name: named(index === 0 ? 'memory' : `memory ${index}`, prefix),
      length,
      read(address, count) {
        const end = Math.min(length, address + count)
        const copy = new Uint8Array(Math.max(0, end - address))
        for (const { at, bytes } of places) {
          const start = Math.max(address, at)
          const stop = Math.min(end, at + bytes.length)
          if (start < stop) copy.set(bytes.subarray(start - at, stop - at), start - address)
        }
        return copy
      },
    }
  })
}

/** Returns the parts of a memory with their addresses: the second, if there is one, begins behind the host arena. */
function placesOf(
  parts: readonly ArrayImage<Uint8Array>[],
  arenaEnd: number,
): readonly { readonly at: number; readonly bytes: Uint8Array }[] {
  return parts.map((part, index) => ({ at: index === 0 ? 0 : arenaEnd, bytes: part.read() }))
}

function named(name: string, prefix: string | undefined): string {
  return prefix === undefined ? name : `${prefix} ${name}`
}
