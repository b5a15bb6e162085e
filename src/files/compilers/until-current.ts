/** Attempts in a row whose sources may change meanwhile. */
const MAX_OVERTAKEN = 10

/** What an attempt came to, and whether its sources are still as they were when it began. */
export interface Attempt<Result> {
  readonly result: Result
  readonly isCurrent: boolean
}

/** Repeats work until its sources did not change meanwhile. Resolves with the last attempt, which is not current if they change each time. */
export async function untilCurrent<Result>(attempt: () => Promise<Attempt<Result>>): Promise<Attempt<Result>> {
  for (let overtaken = 0; ; overtaken++) {
    const last = await attempt()
    if (last.isCurrent || overtaken === MAX_OVERTAKEN) return last
  }
}
