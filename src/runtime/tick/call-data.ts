/** Returns an argument of `callJson` as the script receives it: numbers unchanged, anything else converted to JSON and back. */
export function asData(arg: unknown): unknown {
  if (arg === undefined || [arg].flat().every((each) => typeof each === 'number' || typeof each === 'bigint')) return arg
  try {
    return JSON.parse(JSON.stringify(arg) ?? 'null')
  } catch {
    // The call itself reports a value that JSON cannot represent.
    return null
  }
}
