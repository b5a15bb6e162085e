/** Fits the arguments of an event to the parameters of a handler: drops those past the last parameter, and adds zeros. */
export function fitArguments(params: readonly string[], args: readonly (number | bigint)[]): (number | bigint)[] {
  return params.map((param, index) => {
    const value = args[index] ?? 0
    if (param !== 'i64') return Number(value)
    return typeof value === 'bigint' ? value : Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n
  })
}
