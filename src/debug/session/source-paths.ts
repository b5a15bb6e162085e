import type { HostCaller } from '../../runtime/api/host-caller.ts'
import type { SteppedSource } from '../step/sources.ts'

/** Returns the path of a file that a recording names from a folder; `undefined` if it is not there. */
export type CallerPath = (file: string) => string | undefined

/** Leads from the files of scripts to those that an editor has open, and back. */
export class SourcePaths {
  /** The folder from which the names of files are; `undefined` if they are whole. */
  readonly #root: string | undefined
  readonly #callerPath: CallerPath
  /** Files whose text an editor asks for, since it has no path to them. */
  readonly #references: string[] = []

  constructor(root: string | undefined, callerPath: CallerPath = () => undefined) {
    this.#callerPath = callerPath
    this.#root = root?.replace(/[/\\]$/, '')
  }

  /** Returns the path of a file; `undefined` if it has none that an editor could open. */
  pathOf({ file }: Pick<SteppedSource, 'file'>): string | undefined {
    const path = file.startsWith('file:') ? pathOfUrl(file) : file
    if (path === undefined) return undefined
    if (isWhole(path)) return path.replace(/^\/([a-z]:)/i, '$1')
    // A script that was loaded from a text has a name and no file.
    if (this.#root === undefined || !/\.\w+$/.test(file) || /^[a-z]+:/i.test(file)) return undefined
    return `${this.#root}/${file}`
  }

  /** Returns the path of the file in which the game called the runtime; `undefined` if it has none that an editor could open. */
  pathOfCaller({ file }: HostCaller): string | undefined {
    const path = file.startsWith('file:') ? pathOfUrl(file) : file
    if (path === undefined || /^[a-z]{2,}:/i.test(path)) return undefined
    return isWhole(path) ? path.replace(/^\/([a-z]:)/i, '$1') : this.#callerPath(path)
  }

  /** Returns the number by which an editor asks for the text of a file. */
  referenceOf({ file }: Pick<SteppedSource, 'file'>): number {
    const known = this.#references.indexOf(file)
    return known < 0 ? this.#references.push(file) : known + 1
  }

  /** Returns the file that an editor names; `undefined` if no script has it. */
  find<Source extends Pick<SteppedSource, 'file'>>(
    sources: readonly Source[],
    { path, sourceReference, name }: { readonly path?: string; readonly sourceReference?: number; readonly name?: string },
  ): Source | undefined {
    if (sourceReference !== undefined && sourceReference > 0)
      return sources.find(({ file }) => file === this.#references[sourceReference - 1])
    const wanted = path ?? name
    if (wanted === undefined) return undefined
    const plain = comparable(wanted)
    const same = sources.find((source) => comparable(this.pathOf(source) ?? source.file) === plain)
    // A page, or a recording of another machine, has other folders: the one with the longest common end is meant.
    const [best] = sources
      .map((source) => ({ source, common: commonEnd(comparable(this.pathOf(source) ?? source.file), plain) }))
      .sort((one, other) => other.common - one.common)
    return same ?? (best !== undefined && best.common > 0 ? best.source : undefined)
  }
}

/** Returns the path of a `file:` URL. Returns `undefined` if the text is not a URL: a source map may name anything. */
function pathOfUrl(url: string): string | undefined {
  try {
    return decodeURIComponent(new URL(url).pathname)
  } catch {
    return undefined
  }
}

function isWhole(file: string): boolean {
  return file.startsWith('/') || /^[a-z]:[/\\]/i.test(file)
}

/** Drives differ in case, and Windows has backslashes. */
function comparable(path: string): string {
  return path.replaceAll('\\', '/').replace(/^\/?([a-z]):/i, (_, drive: string) => `${drive.toLowerCase()}:`)
}

/** Returns how many names at the end of two paths are the same. */
function commonEnd(one: string, other: string): number {
  const [names, others] = [one.split('/').reverse(), other.split('/').reverse()]
  const differs = names.findIndex((name, index) => name !== others[index])
  return differs < 0 ? names.length : differs
}
