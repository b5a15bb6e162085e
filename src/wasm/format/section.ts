/** The section ids of the binary format. Each is an export of its own: see `opcode.ts`. */

export const custom = 0
export const type = 1
const importSection = 2
const functionSection = 3
export const table = 4
export const memory = 5
export const global = 6
const exportSection = 7
export const start = 8
export const element = 9
export const code = 10
export const data = 11
export const dataCount = 12
export const tag = 13

export { exportSection as export, functionSection as function, importSection as import }
