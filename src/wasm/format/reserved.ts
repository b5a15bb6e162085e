/** The names of what a rewritten module exports for the runtime only, and of the memories and globals that it imports. */
export const RESERVED = {
  prefix: 'bitscript:',
  fuel: 'bitscript:fuel',
  depth: 'bitscript:depth',
  fault: 'bitscript:fault',
  operand: 'bitscript:operand',
  pages: 'bitscript:pages',
  start: 'bitscript:start',
  driver: 'bitscript:driver',
  groups: 'bitscript:groups',
  /** This and the next four are followed by an index: of a mutable global, a vector global, a memory or a table of the script. */
  global: 'bitscript:global:',
  readVector: 'bitscript:read-vector:',
  writeVector: 'bitscript:write-vector:',
  memory: 'bitscript:memory:',
  table: 'bitscript:table:',
  /** The bytes that a window of memory has, the pages that it may have, and what writes the data of the script into it. */
  windowSize: 'bitscript:window-size',
  windowRoom: 'bitscript:window-room',
  windowData: 'bitscript:window-data',
  module: 'bitscript',
  hostMemory: 'memory',
} as const
