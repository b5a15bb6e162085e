import { ScriptError } from '../../errors.ts'

/** Replaces `read-file.ts` where the package is not imported under the `node` condition. Rejects with `LoadFailed`. */
export async function readFile(url: URL): Promise<void> {
  throw new ScriptError('LoadFailed', `${url.href} is a file, and only Node can read files; serve it and give its http: URL`)
}

/** Rejects: only Node lists folders. */
export async function listFolder(url: URL): Promise<readonly URL[]> {
  await readFile(url)
  return []
}

/** Returns nothing: there are no files. */
export function readerBeside(): undefined {
  return undefined
}
