import type { ReloadReport, ScriptError, ScriptInfo } from '../index.ts'

/** What a reloader did with a changed file, by `state`. */
export type FileOutcome =
  | { readonly state: 'reloaded'; readonly file: string; readonly script: ScriptInfo; readonly report: ReloadReport }
  | { readonly state: 'loaded'; readonly file: string; readonly script: ScriptInfo }
  /** The script has a mistake. Its previous generation continues, if there is one. */
  | { readonly state: 'mistake'; readonly file: string; readonly script: ScriptInfo | undefined; readonly error: ScriptError }
  /** The file was removed. Its script continues. */
  | { readonly state: 'removed'; readonly file: string; readonly script: ScriptInfo }
  /** The file of the script was renamed from `from` to `file`. Its script, which keeps its name, is now reloaded from there. */
  | { readonly state: 'renamed'; readonly file: string; readonly from: string; readonly script: ScriptInfo }
  /** `file` is a folder that cannot be watched, or no longer. If it was removed, it is watched again once it is back. */
  | { readonly state: 'unwatched'; readonly file: string; readonly script: undefined; readonly error: ScriptError }
  /** `file` is a folder that was removed: it is back, and is watched again. */
  | { readonly state: 'watched'; readonly file: string; readonly script: undefined }
