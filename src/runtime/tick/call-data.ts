/** An argument as the script will see it: numbers as they are, and of anything else what JSON can write. */
export function asData(arg: unknown): unknown {
  if (arg === undefined || [arg].flat().every((each) => typeof each === 'number' || typeof each === 'bigint')) return arg
  try {
    return JSON.parse(JSON.stringify(arg) ?? 'null')
  } catch {
    // The call fails for it.
    return null
  }
}
