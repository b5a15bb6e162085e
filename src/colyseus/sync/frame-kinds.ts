/** The first byte of a frame of `columns()` is one of two kinds, with a flag. */
export const PATCH_FRAME = 0
export const FULL_FRAME = 1
/** Set in the first byte of a frame with exact values of the own entity. */
export const HAS_OWN_VALUES = 2
