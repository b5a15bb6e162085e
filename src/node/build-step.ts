import { dirname, resolve } from 'node:path'

/** What a manifest says of how its module is built. */
export interface BuildDescription {
  readonly command: string
  readonly args?: readonly string[]
  readonly watch: readonly string[]
  readonly output: string
}

/** The build of a mod: a command that runs in the folder of its manifest. */
export interface BuildStep {
  /** The name of the mod. */
  readonly mod: string
  /** The folder of the manifest. */
  readonly folder: string
  readonly command: string
  readonly args: readonly string[]
  /** Files, folders and globs of the sources, relative to the folder. */
  readonly watch: readonly string[]
  /** The path of the file that the command writes. */
  readonly output: string
}

/** Returns the build of the manifest in a file; `undefined` if it has none. */
export function buildStepOf(
  file: string,
  { name, build }: { readonly name: string; readonly build?: BuildDescription | undefined },
): BuildStep | undefined {
  if (build === undefined) return undefined
  const folder = dirname(file)
  const { command, args = [], watch, output } = build
  return Object.freeze({ mod: name, folder, command, args, watch, output: resolve(folder, output) })
}

/** Returns the command of a build as a person would type it. */
export function commandLine({ command, args }: BuildStep): string {
  return [command, ...args].map((part) => (/^[\w@%+=:,./-]+$/.test(part) ? part : JSON.stringify(part))).join(' ')
}
