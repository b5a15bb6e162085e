/** The locals of the driver of rounds, behind its parameters. The counters follow, then those of its groups. Each is an export of its own: see `opcode.ts`. */

export const left = 0
export const fuel = 1
export const first = 2
export const at = 3
export const done = 4
export const spent = 5
export const firstCounter = 6
