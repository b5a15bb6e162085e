/**
 * The words at the start of the call tree, by their offset. All modules of a game that are counted share it: a script may call the host, which
 * calls another script.
 */
export const TREE_WORD = {
  /** The address of the node of the function that runs. */
  node: 0,
  /** The address of the next node that is made. */
  position: 4,
  /** From this address on, none is made. */
  limit: 8,
} as const

/** The offset of the first node. */
export const TREE_HEADER = 16

/** Where a node of the call tree has its parts. A node is a function, called by way of the functions that its ancestors are. */
export const NODE = {
  /** Units of fuel that it spent itself: an i64. */
  self: 0,
  /** How often it was called: an i64. */
  calls: 8,
  /** The number of the function. */
  id: 16,
  /** The addresses of its first child, of the next child of its parent, and of its parent; 0 if there is none. */
  first: 20,
  next: 24,
  parent: 28,
} as const

export const NODE_BYTES = 32

/** The bytes of a counter: an i64. */
export const COUNTER_BYTES = 8
