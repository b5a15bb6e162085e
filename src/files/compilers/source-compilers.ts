import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { ScriptError } from '../../errors.ts'
import type { FileCompiler } from '../../runtime/load/file-compiler.ts'
import type { Compiled } from './compiler.ts'
import { languageOf } from './languages.ts'

/** Compilations in a row whose sources changed meanwhile. */
const MAX_OVERTAKEN = 10

/** What is known of a source. */
interface Source {
  /** The files that it was last found to depend on. Those of a compilation that failed early are kept from before. */
  dependencies: readonly string[]
  /** What came of the last compilation, and the content of all files then. */
  last: { readonly content: string; readonly compiled: Compiled } | undefined
  /** The compilation that runs. */
  running: Promise<Compiled> | undefined
}

/**
 * Compiles sources by their paths: one compilation of a source at a time, again if a file changed meanwhile, and not at all if none did since the
 * last. It remembers what each source depends on.
 */
export class SourceCompilers implements FileCompiler {
  readonly #sources = new Map<string, Source>()

  /** Returns whether a file has the extension of a source. */
  handles(file: string): boolean {
    return languageOf(file) !== undefined
  }

  /**
   * Resolves with the module of a source. Rejects with `InvalidSource` for mistakes that the compiler finds, `BuildFailed` if it crashes,
   * `EngineUnavailable` if it is missing.
   */
  async compile(file: string): Promise<Uint8Array> {
    const source = this.#sources.get(file) ?? { dependencies: [], last: undefined, running: undefined }
    this.#sources.set(file, source)
    source.running ??= this.#compile(file, source).finally(() => {
      source.running = undefined
    })
    const compiled = await source.running
    if (compiled.state === 'failed') throw compiled.error
    return compiled.module
  }

  /** Resolves with the module of a source at a `file:` URL, as {@link SourceCompilers.compile} does. */
  compileUrl(url: URL): Promise<Uint8Array> {
    return this.compile(fileURLToPath(url))
  }

  /** Returns the paths of a source and of the files that it depends on, which may be missing. */
  filesOf(file: string): readonly string[] {
    return [file, ...(this.#sources.get(file)?.dependencies ?? [])]
  }

  /** Returns the sources that a file is part of: those that depend on it, and itself if it was compiled. */
  sourcesOf(file: string): readonly string[] {
    return [...this.#sources.keys()].filter((source) => this.filesOf(source).includes(file))
  }

  async #compile(file: string, source: Source): Promise<Compiled> {
    for (let overtaken = 0; ; overtaken++) {
      const before = this.filesOf(file)
      const content = await contentOf(before)
      if (source.last?.content === content && (await contentOf(this.filesOf(file))) === content) return source.last.compiled
      const start = Date.now()
      const compiler = await languageOf(file)?.load()
      if (compiler === undefined) throw new ScriptError('LoadFailed', `there is no compiler for ${file}`)
      if ((await stat(file).catch(() => undefined))?.isFile() !== true) throw new ScriptError('LoadFailed', `there is no file ${file}`)
      const compiled = await compiler(file)
      source.dependencies = compiled.state === 'compiled' ? compiled.dependencies : union(source.dependencies, compiled.dependencies)
      const added = source.dependencies.filter((each) => !before.includes(each))
      const isCurrent = (await contentOf(before)) === content && !(await haveChangedSince(added, start))
      if (!isCurrent && overtaken < MAX_OVERTAKEN) continue
      const isLasting = compiled.state === 'compiled' || compiled.error.code === 'InvalidSource'
      source.last = isLasting ? { content: await contentOf(this.filesOf(file)), compiled } : undefined
      return compiled
    }
  }
}

function union(some: readonly string[], others: readonly string[]): readonly string[] {
  return [...new Set([...some, ...others])]
}

/** Resolves with a text that differs if the content of a file does, or if it is there or not. */
async function contentOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) {
    const bytes = await readFile(file).catch(() => undefined)
    hash.update(`${file}\0${bytes?.length ?? 'missing'}\0`).update(bytes ?? '')
  }
  return hash.digest('hex')
}

/** Resolves with whether a file was written after a time. */
async function haveChangedSince(files: readonly string[], time: number): Promise<boolean> {
  const changes = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ ctimeMs }) => ctimeMs,
        () => 0,
      ),
    ),
  )
  return changes.some((change) => change >= time)
}
