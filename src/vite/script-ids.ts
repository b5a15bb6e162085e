import { mayBeManifest } from '../files/manifest-file.ts'

/** The ids of imports of scripts, such as `mover.wat?script`. */
export const SCRIPT_ID: RegExp = /\?(?:.*&)?script(?:$|&)/
/** The end of a manifest's id: what ends in `.json` is no JavaScript to Vite, whatever its query is. */
const MANIFEST_END = '.script'
const MANIFEST = /(\.json)(?:\.script)?\?/i

/** Returns the path that an id names, whose file may be no script; `undefined` if it is no import of a script. */
export function fileOfId(id: string): string | undefined {
  return SCRIPT_ID.test(id) ? withoutEnd(id).replace(/\?.*$/, '') : undefined
}

/** Returns an id as its import wrote it. */
export function withoutEnd(id: string): string {
  return id.replace(MANIFEST, '$1?')
}

/** Returns the id by which Vite loads an import. */
export function withEnd(id: string): string {
  return id.replace(MANIFEST, `$1${MANIFEST_END}?`)
}

/** Returns the file of the modules that import a script, as Vite sees it. */
export function moduleFile(script: string): string {
  return mayBeManifest(script) ? script + MANIFEST_END : script
}
