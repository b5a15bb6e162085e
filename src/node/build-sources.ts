import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import picomatch from 'picomatch'
import { isPassedOverName } from '../files/folder-watcher.ts'
import type { BuildStep } from './build-step.ts'

/** Bytes of a source up to which its content is compared. Of a larger one, it is the time of its last change. */
const MAX_COMPARED = 2 ** 20

/** The state of the sources of a build. */
export interface SourcesState {
  /** Differs if the content of a source does, or if there are other sources. */
  readonly content: string
  /** Also differs if a source was saved with the same content. */
  readonly version: string
  /** When the last source was changed, in milliseconds since 1970. */
  readonly changed: number
}

/** A part of `watch`: a path, and which files below it are sources. */
interface Root {
  readonly path: string
  readonly includes: (file: string) => boolean
}

function rootsOf({ folder, watch }: BuildStep): readonly Root[] {
  return watch.map((entry) => {
    const { base, glob } = picomatch.scan(entry.split('\\').join('/'))
    const path = resolve(folder, base)
    const matches = glob === '' ? () => true : picomatch(glob)
    return { path, includes: (file) => file === path || isInside(path, file, matches) }
  })
}

function isInside(folder: string, file: string, matches: (path: string) => boolean): boolean {
  return file.startsWith(folder + sep) && matches(relative(folder, file).split(sep).join('/'))
}

/** Returns whether a file is a source of a build. What the build writes is none. */
export function isSource(step: BuildStep, file: string): boolean {
  return file !== step.output && rootsOf(step).some(({ includes }) => includes(file))
}

/** Resolves with the folders that hold the sources of a build and all changes to them. */
export async function foldersOfSources(step: BuildStep): Promise<ReadonlySet<string>> {
  const folders = rootsOf(step).map(async ({ path }) => ((await stat(path).catch(() => undefined))?.isDirectory() ? path : dirname(path)))
  return new Set(await Promise.all(folders))
}

/** Resolves with the sources of a build, sorted. */
async function sourcesOf(step: BuildStep): Promise<string[]> {
  const found = new Set<string>()
  for (const { path, includes } of rootsOf(step))
    for (const file of await filesUnder(path)) if (includes(file) && file !== step.output) found.add(file)
  return [...found].sort()
}

/** Resolves with the state of the sources of a build. */
export async function readSources(step: BuildStep): Promise<SourcesState> {
  const content = createHash('sha256')
  const version = createHash('sha256')
  let changed = 0
  for (const file of await sourcesOf(step)) {
    const stats = await stat(file).catch(() => undefined)
    if (stats === undefined) continue
    const bytes = stats.size <= MAX_COMPARED ? await readFile(file).catch(() => undefined) : undefined
    content.update(`${file}\0${bytes?.length ?? `${stats.size} ${stats.mtimeMs}`}\0`).update(bytes ?? '')
    version.update(`${file}\0${stats.ino} ${stats.mtimeMs} ${stats.size}\0`)
    changed = Math.max(changed, stats.mtimeMs)
  }
  return { content: content.digest('hex'), version: version.digest('hex'), changed }
}

/** Resolves with whether a build must run: its output is missing, or older than a source. */
export async function isStale(step: BuildStep): Promise<boolean> {
  const output = await stat(step.output).catch(() => undefined)
  return output === undefined || output.mtimeMs < (await readSources(step)).changed
}

/** Resolves with a file, or the files in a folder and its subfolders. */
async function filesUnder(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined)
  if (entries === undefined) return [path]
  const files: string[] = []
  for (const entry of entries) {
    if (isPassedOverName(entry.name)) continue
    const inner = join(path, entry.name)
    if (entry.isDirectory()) files.push(...(await filesUnder(inner)))
    else files.push(inner)
  }
  return files
}
