/** The arguments of an event as a handler takes them: those it has no parameter for are left out, missing ones are 0. */
export function fitArguments(params: readonly string[], args: readonly (number | bigint)[]): (number | bigint)[] {
  return params.map((param, index) => {
    const value = args[index] ?? 0
    if (param !== 'i64') return Number(value)
    return typeof value === 'bigint' ? value : Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n
  })
}
