/**
 * Bits of `PLAIN_FACTS`: how an instruction is skipped that neither branches nor calls, and what it does. A scan looks all of it up at once,
 * since this is most of the work of reading code. Each is an export of its own: see `opcode.ts`.
 */

/** It is such an instruction. */
export const known = 1
/** A LEB128 number follows the opcode. */
export const immediate = 2
/** It accesses memory: an alignment and an offset follow. */
export const memory = 4
/** It accesses a global. */
export const global = 8
export const mayTrap = 16
/** Its result has NaN bits that the engine chooses. */
export const chosen = 32
