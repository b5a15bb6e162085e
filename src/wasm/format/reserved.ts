/** What a rewritten module exports for the runtime alone, and the imports by which it gets memories and a shared budget. */
export const RESERVED = {
  prefix: 'bitscript:',
  fuel: 'bitscript:fuel',
  depth: 'bitscript:depth',
  fault: 'bitscript:fault',
  operand: 'bitscript:operand',
  start: 'bitscript:start',
  driver: 'bitscript:driver',
  /** Before the index of a mutable global, which may be a vector, of a memory or of a table of the script's own. */
  global: 'bitscript:global:',
  readVector: 'bitscript:read-vector:',
  writeVector: 'bitscript:write-vector:',
  memory: 'bitscript:memory:',
  table: 'bitscript:table:',
  module: 'bitscript',
  hostMemory: 'memory',
} as const
