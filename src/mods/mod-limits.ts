import type { Limits } from '../abi/limits.ts'

/** Returns the greatest limits, with the lower ones that a mod asks for. */
export function limitsWithin(greatest: Limits, asked: Partial<Limits> = {}): Limits {
  const lower = Object.entries(greatest).map(([name, limit]) => [name, Math.min(limit, asked[name as keyof Limits] ?? limit)])
  return Object.fromEntries(lower) as unknown as Limits
}
