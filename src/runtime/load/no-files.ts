import { ScriptError } from '../../errors.ts'

/** Stands for `node/read-file.ts` wherever the package's `node` condition does not hold. */
export async function readFile(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  throw new ScriptError('LoadFailed', `${url.href} is a file, and only Node can read files; serve it and give its http: URL`)
}
