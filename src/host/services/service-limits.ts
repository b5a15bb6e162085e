/** Metrics that a script may import. */
export const MAX_SERIES = 1000
/** Keys that the storage of a script may have. */
export const MAX_KEYS = 10_000
/** Bytes that a key may have. */
export const MAX_KEY_BYTES = 1024
/** Requests of one script that wait for their answer. */
export const MAX_REQUESTS = 100
