/** What a rewritten module exports for the runtime alone, and the imports by which it gets memories. */
export const RESERVED = {
  prefix: 'bitscript:',
  fuel: 'bitscript:fuel',
  depth: 'bitscript:depth',
  fault: 'bitscript:fault',
  operand: 'bitscript:operand',
  start: 'bitscript:start',
  driver: 'bitscript:driver',
  /** Before the index of a mutable global, a memory or a table of the script's own. */
  global: 'bitscript:global:',
  memory: 'bitscript:memory:',
  table: 'bitscript:table:',
  module: 'bitscript',
  ecs: 'ecs',
} as const
