/** A module with two memories and nothing else. */
const TWO_MEMORIES = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 5, 5, 2, 0, 0, 0, 0)

/** Whether this engine supports modules with more than one memory. */
export const HAS_MULTI_MEMORY: boolean = typeof WebAssembly === 'object' && WebAssembly.validate(TWO_MEMORIES)
