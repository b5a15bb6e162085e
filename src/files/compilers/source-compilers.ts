import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sameBytes } from '../../bytes.ts'
import { ScriptError, type SourceMistake } from '../../errors.ts'
import type { FileCompiler } from '../../runtime/load/file-compiler.ts'
import type { Compiled } from './compiler.ts'
import { SOURCE_LANGUAGES, type SourceLanguages } from './source-languages.ts'
import { type Attempt, untilCurrent } from './until-current.ts'

/** Milliseconds by which the time of a save may be too early: systems count it in ticks of a timer. */
const TIMER = 20

/** What came of a compilation, and the content of all files then: see {@link SourceCompilers.read}. */
interface Compilation {
  readonly content: Uint8Array
  readonly compiled: Compiled
}

/** What is known of a source. */
interface Source {
  /** The files that it was last found to depend on. Those of a compilation that failed early are kept from before. */
  dependencies: readonly string[]
  /** The last compilation; `undefined` if it has to be done again. */
  last: Compilation | undefined
  /** The compilation that runs. */
  running: Promise<Compiled> | undefined
  /** The warnings of the last compilation: see {@link SourceCompilers.onWarning}. */
  warnings: ReadonlySet<string>
}

/**
 * Compiles sources by their paths: one compilation of a source at a time, again if a file changed meanwhile, and not at all if none did since the
 * last. It remembers what each source depends on.
 */
export class SourceCompilers implements FileCompiler {
  readonly #languages: SourceLanguages
  readonly #others: SourceCompilers | undefined
  readonly #sources = new Map<string, Source>()
  readonly #warned = new Set<(warning: SourceMistake) => void>()

  /** Creates compilers of some languages. Files in other languages are left to `others`. */
  constructor(languages: SourceLanguages = SOURCE_LANGUAGES, others?: SourceCompilers) {
    this.#languages = languages
    this.#others = others
  }

  /** Returns whether a file has the extension of a source. */
  handles(file: string): boolean {
    return this.#owns(file) || this.#others?.handles(file) === true
  }

  /**
   * Resolves with the module of a source, or WAT text as bytes. Rejects with `InvalidSource` for mistakes that the compiler finds, `BuildFailed`
   * if it crashes, `EngineUnavailable` if it is missing, `LoadFailed` if there is no such file.
   */
  async compile(file: string): Promise<Uint8Array> {
    if (this.#others !== undefined && !this.#owns(file)) return this.#others.compile(file)
    const source = this.#sources.get(file) ?? { dependencies: [], last: undefined, running: undefined, warnings: new Set() }
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

  /** Returns the paths of the files that a source depends on, which may be missing. */
  dependenciesOf(file: string): readonly string[] {
    return this.#sources.get(file)?.dependencies ?? this.#others?.dependenciesOf(file) ?? []
  }

  /** Returns the paths of a source and of the files that it depends on. */
  filesOf(file: string): readonly string[] {
    return [file, ...this.dependenciesOf(file)]
  }

  /** Returns the sources that a file is part of: those that depend on it, and itself if it was compiled. */
  sourcesOf(file: string): readonly string[] {
    const own = [...this.#sources.keys()].filter((source) => this.filesOf(source).includes(file))
    return [...own, ...(this.#others?.sourcesOf(file) ?? [])]
  }

  /**
   * Resolves with what decides the module of a source: `content`, its own, and a hash of the files that it depends on. That hash differs if one of
   * them does, or is missing.
   */
  read(file: string, content: Uint8Array): Promise<Uint8Array> {
    return contentOf(content, this.dependenciesOf(file))
  }

  /** Returns what {@link SourceCompilers.read} resolved with for the files that were last compiled; `undefined` if that has to be done again. */
  compiledContent(file: string): Uint8Array | undefined {
    return this.#sources.get(file)?.last?.content ?? this.#others?.compiledContent(file)
  }

  /**
   * Calls a listener with each warning of a compiler. A warning that a source still has when it is compiled again is not repeated. Returns a function
   * that ends it.
   */
  onWarning(listener: (warning: SourceMistake) => void): () => void {
    this.#warned.add(listener)
    const off = this.#others?.onWarning(listener)
    return () => {
      this.#warned.delete(listener)
      off?.()
    }
  }

  #owns(file: string): boolean {
    return this.#languages[extname(file).toLowerCase()] !== undefined
  }

  async #compile(file: string, source: Source): Promise<Compiled> {
    const { result } = await untilCurrent(() => this.#attempt(file, source))
    if (result === source.last) return result.compiled
    const { compiled } = result
    source.last = isLasting(compiled) ? result : undefined
    if (compiled.state === 'compiled') this.#warn(source, compiled.warnings ?? [])
    return compiled
  }

  /** Compiles a source, unless it is as it was at the last compilation. */
  async #attempt(file: string, source: Source): Promise<Attempt<Compilation>> {
    const before = this.dependenciesOf(file)
    const text = await readFile(file).catch(() => undefined)
    if (text === undefined) throw new ScriptError('LoadFailed', `the file ${file} could not be read`)
    const content = await contentOf(text, before)
    if (source.last !== undefined && sameBytes(source.last.content, content)) return { result: source.last, isCurrent: true }
    const start = Date.now()
    const compiler = await this.#languages[extname(file).toLowerCase()]?.load()
    if (compiler === undefined) throw new ScriptError('LoadFailed', `there is no compiler for ${file}`)
    const compiled = await compiler(file).catch(failure)
    source.dependencies = compiled.state === 'compiled' ? compiled.dependencies : union(source.dependencies, compiled.dependencies)
    const whole = await contentOf(text, source.dependencies)
    const added = source.dependencies.filter((each) => !before.includes(each))
    const isCurrent = sameBytes(await this.#contentNow(file, before), content) && !(await haveChangedSince(added, start))
    return { result: { content: whole, compiled }, isCurrent }
  }

  #warn(source: Source, warnings: readonly SourceMistake[]): void {
    const before = source.warnings
    const keys = warnings.map(keyOfWarning)
    source.warnings = new Set(keys)
    for (const [index, warning] of warnings.entries()) {
      const key = keys[index] as string
      if (!before.has(key) && keys.indexOf(key) === index) for (const listener of this.#warned) listener(warning)
    }
  }

  async #contentNow(file: string, dependencies: readonly string[]): Promise<Uint8Array> {
    return contentOf(await readFile(file).catch(() => new Uint8Array()), dependencies)
  }
}

/** Returns what came of a compiler that could not begin. */
function failure(error: unknown): Compiled {
  if (!(error instanceof ScriptError)) throw error
  return { state: 'failed', error, dependencies: [] }
}

/** Returns whether a compilation of the same files would come to the same: a compiler may be installed meanwhile. */
function isLasting(compiled: Compiled): boolean {
  return compiled.state === 'compiled' ? compiled.isComplete !== false : compiled.error.code === 'InvalidSource'
}

/** Returns the same text for a warning about a line wherever that line is: lines before it may come and go. */
function keyOfWarning({ detail, location, frame }: SourceMistake): string {
  const line = frame.split('\n').find((each) => each.startsWith('>')) ?? ''
  return [location.file, detail, location.column, line.slice(line.indexOf('|'))].join('\n')
}

function union(some: readonly string[], others: readonly string[]): readonly string[] {
  return [...new Set([...some, ...others])]
}

async function contentOf(content: Uint8Array, dependencies: readonly string[]): Promise<Uint8Array> {
  if (dependencies.length === 0) return content
  const hash = createHash('sha256')
  for (const file of dependencies) {
    const bytes = await readFile(file).catch(() => undefined)
    hash.update(`${file}\0${bytes?.length ?? 'missing'}\0`).update(bytes ?? '')
  }
  return Buffer.concat([content, Buffer.from(`\0${hash.digest('hex')}`)])
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
  return changes.some((change) => change >= time - TIMER)
}
