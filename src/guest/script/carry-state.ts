import { PAGE_BYTES } from '../../abi/types.ts'
import { ArrayCopy, type ArrayImage, type ArrayKeeper } from '../../array-image.ts'
import { isLinked, linkedDifference, placeOf } from '../../wasm/decode/linked-layout.ts'
import { stackPointers } from '../../wasm/decode/stack-pointers.ts'
import type { DecodedModule } from '../../wasm/format/module.ts'
import type { CellImage, InstanceImage } from '../../wasm/instance/instance-state.ts'
import type { SourceModule } from '../../wasm/text/source-module.ts'
import type { Carried, GuestInstance } from '../guest.ts'
import type { ScriptCode } from './script-code.ts'

/** The code of a script, with a function that creates an instance without running its start function. */
type FreshCode = Pick<ScriptCode, 'core'> & { readonly source: SourceModule; readonly instantiate: () => GuestInstance }

/** A mutable global that both modules have with the same name and type: its index in each. */
interface SharedGlobal {
  readonly name: string
  readonly before: number
  readonly after: number
}

/** The half-open range of the bytes of a part of a memory whose initial values differ. */
type Range = readonly [start: number, end: number]

/** What can be carried from any instance of one generation to an instance of the next. */
interface CarryPlan {
  readonly globals: readonly SharedGlobal[]
  /** By part of the memory, the bytes that keep the new initial values; `undefined` if no memory is carried. */
  readonly edited: readonly (readonly Range[])[] | undefined
  /** Whether a linker laid out the memory: globals may hold addresses in it, so both are carried or none. */
  readonly isLinked: boolean
  readonly dropped: readonly string[]
}

/** What to do about a memory that cannot be carried, since a linker laid it out. */
const ADVICE = 'the state began anew. A module that exports state and state_size keeps it over any edit'

/**
 * Returns the function that carries the state of an instance of the old code over to a new instance: mutable globals with the
 * same name and type, and the memory if both modules lay it out the same way. A global or a byte keeps its new initial value if
 * the edit changed that initial value; everything else keeps the value that the game gave it. What does not depend on the
 * instance is found once.
 */
export function carrier(old: FreshCode, next: FreshCode): (oldInstance: GuestInstance, instance: GuestInstance) => Carried {
  const plan = planCarry(old, next)
  const { arena, maximumPages = 0 } = next.core.rewritten
  const available = maximumPages * PAGE_BYTES - (arena === undefined ? 0 : arena.end - arena.start)
  return (oldInstance, instance) => {
    const before = oldInstance.state.save('', LIVE)
    const size = lengthOf(before.memories[0] ?? [])
    const fits = plan.edited === undefined || size <= available
    const tooLarge = fits ? [] : [`memory: the new code may have at most ${available} bytes`]
    const isMemoryLost = before.memories.length > 0 && (plan.edited === undefined || !fits)
    if (plan.isLinked && isMemoryLost) {
      const dropped = [...tooLarge, ...plan.dropped].slice(0, 1)
      return { carried: [], dropped, warnings: dropped.map((reason) => `${reason}, so ${ADVICE}`) }
    }
    const globals = new Map<number, CellImage>()
    const vectors = new Map<number, readonly bigint[]>()
    for (const { before: from, after: to } of plan.globals) {
      const lanes = before.vectors.get(from)
      const value = before.globals.get(from)
      if (lanes !== undefined) vectors.set(to, lanes)
      else if (value !== undefined) globals.set(to, value)
    }
    const carried = plan.globals.map(({ name }) => `global ${name}`)
    const { edited } = plan
    const memory =
      isMemoryLost || edited === undefined ? undefined : before.memories[0]?.map((part, index) => merging(part, edited[index] ?? []))
    if (memory !== undefined) carried.push(`memory, ${size} bytes`)
    instance.state.overwrite({ globals, vectors, memories: memory === undefined ? [] : [memory] })
    return { carried, dropped: [...tooLarge, ...plan.dropped], warnings: [] }
  }
}

/** Keeps arrays as they are, without a copy, for images that are read at once. */
const LIVE: ArrayKeeper = {
  keep: (_, values) => new ArrayCopy(values),
  keepIntegers: (_, list) => new ArrayCopy(Uint32Array.from(list)),
}

/** Returns a part of a memory that is written over another, except for ranges that the other keeps. */
function merging(part: ArrayImage<Uint8Array>, kept: readonly Range[]): ArrayImage<Uint8Array> {
  return {
    type: part.type,
    length: part.length,
    read: () => part.read(),
    writeTo(target) {
      const own = kept.map(([start, end]) => target.slice(start, Math.min(end, part.length)))
      part.writeTo(target)
      for (const [index, bytes] of own.entries()) target.set(bytes, kept[index]?.[0])
    },
  }
}

function planCarry(old: FreshCode, next: FreshCode): CarryPlan {
  const [oldStart, nextStart] = [startOf(old), startOf(next)]
  const [before, after] = [old.core.module, next.core.module]
  const dropped: string[] = []
  const globals = sharedGlobals(before, after, dropped).filter(({ name, before: from, after: to }) => {
    const isEdited =
      !Object.is(oldStart.globals.get(from)?.value, nextStart.globals.get(to)?.value) || !sameLanes(oldStart, from, nextStart, to)
    const isReference = !isEdited && !['i32', 'i64', 'f32', 'f64', 'v128'].includes(before.globals[from]?.value ?? '')
    if (isEdited) dropped.push(`global ${name}: its initial value changed`)
    if (isReference) dropped.push(`global ${name}: it is a reference`)
    return !isEdited && !isReference
  })
  const linked = isLinked(before, old.source.text !== undefined) || isLinked(after, next.source.text !== undefined)
  const hasMemory = before.memories.length > 0
  const reason = hasMemory ? layoutDiffers(old, next, linked) : undefined
  if (reason !== undefined) dropped.unshift(`memory: ${reason}`)
  const unnamed = countUnnamed(before)
  if (unnamed > 0) dropped.push(`globals: ${unnamed} without a name`)
  if (before.tables.length > 0 && !linked) dropped.push('tables: they hold functions of the old code')
  const edited =
    hasMemory && reason === undefined
      ? Array.from({ length: Math.max(oldStart.memories[0]?.length ?? 0, nextStart.memories[0]?.length ?? 0) }, (_, part) =>
          differingRanges(bytesAt(oldStart, part), bytesAt(nextStart, part)),
        )
      : undefined
  return { globals, edited, isLinked: linked, dropped }
}

/** Returns the state of a new instance before its start function has run. */
function startOf(program: FreshCode): InstanceImage {
  let image = starts.get(program)
  if (image === undefined) {
    image = freshImage(program)
    starts.set(program, image)
  }
  return image
}

const starts = new WeakMap<FreshCode, InstanceImage>()

function freshImage(program: FreshCode): InstanceImage {
  return program.instantiate().state.save()
}

function sameLanes(one: InstanceImage, from: number, other: InstanceImage, to: number): boolean {
  return one.vectors.get(from)?.join() === other.vectors.get(to)?.join()
}

function sharedGlobals(old: DecodedModule, next: DecodedModule, dropped: string[]): SharedGlobal[] {
  const after = namedGlobals(next)
  return [...namedGlobals(old)].flatMap(([name, before]) => {
    const index = after.get(name)
    if (index === undefined) dropped.push(`global ${name}: the new code has no mutable global of this name`)
    else if (old.globals[before]?.value !== next.globals[index]?.value) dropped.push(`global ${name}: its type changed`)
    else return [{ name, before, after: index }]
    return []
  })
}

/** Returns the mutable globals by the name in the text or the export's name. */
function namedGlobals(module: DecodedModule): ReadonlyMap<string, number> {
  const named = new Map<string, number>()
  for (const [index, name] of globalNames(module)) if (!named.has(name)) named.set(name, index)
  return named
}

/** Returns the names of the mutable globals by index. */
function globalNames({ globals, names, exports }: DecodedModule): ReadonlyMap<number, string> {
  const exported = new Map(exports.flatMap(({ kind, index, name }) => (kind === 'global' ? [[index, name] as const] : [])))
  const found = new Map<number, string>()
  for (const [index, { mutable }] of globals.entries()) {
    const name = names.globals.get(index) ?? exported.get(index)
    if (mutable && name !== undefined) found.set(index, name)
  }
  return found
}

/** Returns how many mutable globals have no name. A stack pointer needs none: between two calls it has its initial value. */
function countUnnamed(module: DecodedModule): number {
  const names = globalNames(module)
  const pointers = stackPointers(module)
  return [...module.globals.entries()].filter(([index, { mutable }]) => mutable && !names.has(index) && !pointers.includes(index)).length
}

/**
 * Returns why the memory of one module cannot be carried over to the other; `undefined` if it can. The data segments must
 * begin at the same addresses, and the immutable globals, in which compilers keep addresses, must have the same values. Much more
 * must be the same if a linker laid it out.
 */
function layoutDiffers({ core: earlier }: FreshCode, { core: later }: FreshCode, linked: boolean): string | undefined {
  const { module: old, rewritten: oldRewritten } = earlier
  const { module: next, rewritten } = later
  if (next.memories.length === 0) return 'the new code has no memory'
  if (old.memories.length !== 1 || next.memories.length !== 1) return 'only one memory can be carried over'
  const difference = linked ? linkedDifference(old, next) : undefined
  if (difference !== undefined) return difference
  const places = (module: DecodedModule): string[] =>
    module.data.filter(({ mode }) => mode === 'active').map((segment) => placeOf(module, segment))
  const before = places(old)
  const after = new Set(places(next))
  if (before.some((place) => !after.has(place))) return 'the data segments of the new code begin at other addresses'
  if (oldRewritten.arena?.start !== rewritten.arena?.start || oldRewritten.arena?.end !== rewritten.arena?.end) {
    return 'the host arena has moved'
  }
  if (immutableGlobals(old) !== immutableGlobals(next)) return 'the addresses in immutable globals changed'
  if (countUnnamed(old) + countUnnamed(next) > 0) return 'a global without a name may hold an address in it, and cannot be carried'
  return undefined
}

/** Returns the initializers of the immutable globals, for comparison. */
function immutableGlobals({ globals, bytes }: DecodedModule): string {
  return globals
    .flatMap((global) =>
      !global.mutable && 'initializer' in global ? [bytes.subarray(global.initializer.start, global.initializer.end).join()] : [],
    )
    .join(';')
}

/** Returns the ranges in which two arrays differ. Past its end, an array is zeros. */
function differingRanges(one: Uint8Array, other: Uint8Array): readonly Range[] {
  const ranges: Range[] = []
  const length = Math.max(one.length, other.length)
  const [words, otherWords] = [wordsOf(one), wordsOf(other)]
  let start = -1
  for (let word = 0; word * WORD < length; word++) {
    if (start < 0 && (words[word] ?? 0) === (otherWords[word] ?? 0)) continue
    for (let at = word * WORD; at < (word + 1) * WORD; at++) {
      const isSame = (one[at] ?? 0) === (other[at] ?? 0)
      if (!isSame && start < 0) start = at
      if (!isSame || start < 0) continue
      ranges.push([start, at])
      start = -1
    }
  }
  if (start >= 0) ranges.push([start, length])
  return ranges
}

const WORD = Uint32Array.BYTES_PER_ELEMENT

/** Returns the words of bytes, whose number is a multiple of that of a page. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % WORD === 0 ? bytes : bytes.slice()
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / WORD)
}

function bytesAt({ memories: [memory] }: InstanceImage, part: number): Uint8Array {
  return memory?.[part]?.read() ?? NO_BYTES
}

const NO_BYTES = new Uint8Array()

function lengthOf(parts: readonly ArrayImage[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0)
}
