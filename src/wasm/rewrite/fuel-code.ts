import { EMPTY_BLOCK, OPCODE } from '../format/opcodes.ts'
import type { Writer } from '../format/writer.ts'
import type { Additions } from './additions.ts'

/** Where a function keeps the fuel. */
export interface FuelPlace {
  /** The local that caches the fuel; -1 if none does. */
  readonly fuel: number
  /** Whether the fuel is cached in a local. */
  readonly caches: boolean
}

/** Code that a function has in many places. */
export interface Snippets {
  /** Reads the fuel. */
  readonly get: readonly number[]
  /** Writes the cached fuel back to the global. */
  readonly save: readonly number[]
  /** Reads the cached fuel from the global. */
  readonly reload: readonly number[]
  /** Ends the script if the fuel is used up. */
  readonly check: readonly number[]
  /** Begins a charge: its constant follows. */
  readonly beginCharge: readonly number[]
  /** Ends a charge, with a check of the fuel and without. */
  readonly endChecked: readonly number[]
  /** Ends a charge that is written to the global, for a check that follows. */
  readonly endSaved: readonly number[]
  readonly endUnchecked: readonly number[]
}

/** Snippets by the local that caches the fuel, -1 if none does. */
const snippetsByLocal = new WeakMap<Additions, Map<number, Snippets>>()

/** Returns the code that a function has in many places. */
export function snippetsFor(locals: FuelPlace, additions: Additions): Snippets {
  const known = snippetsByLocal.get(additions) ?? new Map<number, Snippets>()
  snippetsByLocal.set(additions, known)
  const found = known.get(locals.fuel) ?? createSnippets(locals, additions)
  known.set(locals.fuel, found)
  return found
}

function createSnippets({ caches, fuel }: FuelPlace, additions: Additions): Snippets {
  const getGlobal = [OPCODE.globalGet, ...unsignedBytes(additions.fuel)]
  const setGlobal = [OPCODE.globalSet, ...unsignedBytes(additions.fuel)]
  const local = caches ? unsignedBytes(fuel) : []
  const get = caches ? [OPCODE.localGet, ...local] : getGlobal
  const check = [...get, OPCODE.i32Const, 0, OPCODE.i32LtS, OPCODE.if, EMPTY_BLOCK, OPCODE.unreachable, OPCODE.end]
  const set = caches ? [OPCODE.localTee, ...local, ...setGlobal] : setGlobal
  return {
    get,
    save: caches ? [...get, ...setGlobal] : [],
    reload: caches ? [...getGlobal, OPCODE.localSet, ...local] : [],
    check,
    beginCharge: [...get, OPCODE.i32Const],
    endChecked: [OPCODE.i32Sub, ...set, ...check],
    endSaved: [OPCODE.i32Sub, ...set],
    endUnchecked: caches ? [OPCODE.i32Sub, OPCODE.localSet, ...local] : [OPCODE.i32Sub, ...set],
  }
}

/** Returns the bytes of an unsigned LEB128 number. */
function unsignedBytes(value: number): readonly number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsignedBytes(value >>> 7)]
}

/** Ends the script if the fuel is used up. */
export function writeFuelCheck(out: Writer, { caches, fuel }: FuelPlace, additions: Additions): void {
  if (caches) out.byte(OPCODE.localGet).u32(fuel)
  else out.byte(OPCODE.globalGet).u32(additions.fuel)
  out.byte(OPCODE.i32Const).s32(0).byte(OPCODE.i32LtS)
  out.byte(OPCODE.if).byte(EMPTY_BLOCK).byte(OPCODE.unreachable).byte(OPCODE.end)
}

/** Writes the cached fuel back to the global. */
export function saveFuel(out: Writer, { caches, fuel }: FuelPlace, additions: Additions): void {
  if (caches) out.byte(OPCODE.localGet).u32(fuel).byte(OPCODE.globalSet).u32(additions.fuel)
}
