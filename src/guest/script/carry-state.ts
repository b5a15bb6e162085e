import { PAGE_BYTES } from '../../abi/types.ts'
import { ArrayCopy, type ArrayImage } from '../../array-image.ts'
import type { DataSegment, DecodedModule } from '../../wasm/format/module.ts'
import type { InstanceImage } from '../../wasm/instance/instance-state.ts'
import type { Carried, GuestInstance } from '../guest.ts'
import type { ScriptCode } from './script-code.ts'

/** The code of a script, with a function that creates an instance without running its start function. */
type FreshCode = Pick<ScriptCode, 'core'> & { readonly instantiate: () => GuestInstance }

/** A mutable global that both modules have with the same name and type: its index in each. */
interface SharedGlobal {
  readonly name: string
  readonly before: number
  readonly after: number
}

/**
 * Carries the state of the old instance over to a new one: mutable globals with the same name and type, and the memory if
 * both modules lay out their data the same way. A global or a byte keeps its new initial value if the edit changed that
 * initial value; everything else keeps the value that the game gave it.
 */
export function carryState(old: FreshCode, oldInstance: GuestInstance, next: FreshCode, instance: GuestInstance): Carried {
  const before = oldInstance.state.save()
  const oldStart = startOf(old)
  const nextStart = startOf(next)
  const image = instance.state.save()
  const carried: string[] = []
  const dropped: string[] = []
  const globals = new Map(image.globals)
  const vectors = new Map(image.vectors)
  for (const { name, before: from, after: to } of sharedGlobals(old.core.module, next.core.module, dropped)) {
    const value = before.globals.get(from)
    const lanes = before.vectors.get(from)
    if (!Object.is(oldStart.globals.get(from)?.value, nextStart.globals.get(to)?.value) || !sameLanes(oldStart, from, nextStart, to)) {
      dropped.push(`global ${name}: its initial value changed`)
      continue
    }
    if (lanes !== undefined) vectors.set(to, lanes)
    else if (value !== undefined && !isReference(value.value)) globals.set(to, value)
    else {
      dropped.push(`global ${name}: it is a reference`)
      continue
    }
    carried.push(`global ${name}`)
  }
  const memory = mergedMemory(old, before, oldStart, next, image, nextStart, dropped)
  if (memory !== undefined) carried.push(`memory, ${lengthOf(memory)} bytes`)
  if (before.tables.length > 0) dropped.push('tables: they hold functions of the old code')
  instance.state.restore({
    of: image.of,
    globals,
    vectors,
    memories: memory === undefined ? image.memories : [memory],
    tables: image.tables,
  })
  return { carried, dropped }
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

function isReference(value: unknown): boolean {
  return typeof value !== 'number' && typeof value !== 'bigint'
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

/** Returns the mutable globals, by the name in the text or the export's name. */
function namedGlobals({ globals, names, exports }: DecodedModule): ReadonlyMap<string, number> {
  const named = new Map<string, number>()
  const exported = new Map(exports.flatMap(({ kind, index, name }) => (kind === 'global' ? [[index, name] as const] : [])))
  for (const [index, { mutable }] of globals.entries()) {
    const name = names.globals.get(index) ?? exported.get(index)
    if (mutable && name !== undefined && !named.has(name)) named.set(name, index)
  }
  return named
}

/**
 * Returns why the memory of one module cannot be carried over to the other; `undefined` if it can. The data segments must
 * begin at the same addresses, and the immutable globals, in which compilers keep addresses, must have the same values.
 */
function layoutDiffers({ core: earlier }: FreshCode, { core: later }: FreshCode): string | undefined {
  const { module: old, rewritten: oldRewritten } = earlier
  const { module: next, rewritten } = later
  if (old.memories.length !== 1 || next.memories.length !== 1) return 'only one memory can be carried over'
  const places = (module: DecodedModule): string[] =>
    module.data.filter(({ mode }) => mode === 'active').map((segment) => offsetOf(module, segment))
  const before = places(old)
  const after = new Set(places(next))
  if (before.some((place) => !after.has(place))) return 'the data segments of the new code begin at other addresses'
  if (oldRewritten.arena?.start !== rewritten.arena?.start || oldRewritten.arena?.end !== rewritten.arena?.end) {
    return 'the host arena has moved'
  }
  if (immutableGlobals(old) !== immutableGlobals(next)) return 'the addresses in immutable globals changed'
  return undefined
}

/** Returns the bytes of the instructions that compute the address of a segment. */
function offsetOf({ bytes }: DecodedModule, { offset }: DataSegment): string {
  return offset === undefined ? '' : bytes.subarray(offset.start, offset.end).join()
}

/** Returns the initializers of the immutable globals, for comparison. */
function immutableGlobals({ globals, bytes }: DecodedModule): string {
  return globals
    .flatMap((global) =>
      !global.mutable && 'initializer' in global ? [bytes.subarray(global.initializer.start, global.initializer.end).join()] : [],
    )
    .join(';')
}

/** Returns the old memory with the bytes whose initial value changed replaced; `undefined` if it cannot be carried over. */
function mergedMemory(
  old: FreshCode,
  { memories: [current] }: InstanceImage,
  { memories: [oldStart] }: InstanceImage,
  next: FreshCode,
  { memories: [own] }: InstanceImage,
  { memories: [nextStart] }: InstanceImage,
  dropped: string[],
): readonly ArrayImage<Uint8Array>[] | undefined {
  if (current === undefined || oldStart === undefined) return undefined
  const differs = own === undefined || nextStart === undefined ? 'the new code has no memory' : layoutDiffers(old, next)
  const { arena, maximumPages = 0 } = next.core.rewritten
  const available = maximumPages * PAGE_BYTES - (arena === undefined ? 0 : arena.end - arena.start)
  const reason = differs ?? (lengthOf(current) > available ? `the new code may have at most ${available} bytes` : undefined)
  if (reason !== undefined || own === undefined || nextStart === undefined) {
    dropped.push(`memory: ${reason}`)
    return undefined
  }
  const read = (parts: readonly ArrayImage<Uint8Array>[], part: number): Uint8Array => parts[part]?.read() ?? NO_BYTES
  return Array.from(
    { length: Math.max(current.length, own.length) },
    (_, part) => new ArrayCopy(mergedBytes(read(current, part), read(oldStart, part), read(own, part), read(nextStart, part))),
  )
}

function mergedBytes(current: Uint8Array, oldStart: Uint8Array, own: Uint8Array, nextStart: Uint8Array): Uint8Array {
  const merged = new Uint8Array(Math.max(current.length, own.length))
  merged.set(own)
  for (let at = 0; at < current.length; at++) if ((oldStart[at] ?? 0) === (nextStart[at] ?? 0)) merged[at] = current[at] as number
  return merged
}

const NO_BYTES = new Uint8Array()

function lengthOf(parts: readonly ArrayImage[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0)
}
