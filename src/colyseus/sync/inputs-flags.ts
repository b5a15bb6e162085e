// The first byte of a frame of `inputs()`.

export const PATCH = 0
/** A whole game, in place of inputs. */
export const FULL = 1
/** The hash of the world after the inputs. */
export const HAS_HASH = 2
/** The first patch after a full state: it refers to no other. */
export const FRESH = 4
/** The seat has another entity than before. */
export const HAS_OWN = 8
/** Events have names that did not come before. */
export const HAS_NAMES = 16
/** The seat missed inputs since the patch before. */
export const HAS_MISSED = 32
