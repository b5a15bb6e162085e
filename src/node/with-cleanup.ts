/** Something to do at the end of a command, such as to close a watcher. */
type Cleanup = () => unknown

/** Runs a command, and at its end, even if that is an error, does all that it gave to `atEnd`, the last first. */
export async function withCleanup<Result>(command: (atEnd: (cleanup: Cleanup) => void) => Promise<Result>): Promise<Result> {
  const cleanups: Cleanup[] = []
  try {
    return await command((cleanup) => cleanups.push(cleanup))
  } finally {
    await doAll(cleanups)
  }
}

async function doAll(cleanups: Cleanup[]): Promise<void> {
  const last = cleanups.pop()
  if (last === undefined) return
  try {
    await last()
  } finally {
    await doAll(cleanups)
  }
}
