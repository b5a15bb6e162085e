import { ScriptError, type SourceLocation } from 'bitscript'
import type { CompileAnswer, CompileMistake, CompileRequest } from './protocol.ts'
import workerUrl from './worker.ts?worker&url'

/** Bytes of the compiler, to show how much of it is loaded where the server does not say. */
const COMPILER_BYTES = 13_580_000

/** The compiler of AssemblyScript, in a worker. */
export interface Compiler {
  /** Compiles a script. Rejects with `InvalidSource`, which has every mistake at its place, or with `LoadFailed`. */
  compile(entry: string, files: Readonly<Record<string, string>>): Promise<Uint8Array<ArrayBuffer>>
  /** Ends the worker, and frees its memory. */
  end(): void
}

/** Loads the compiler. Calls `onProgress` with the loaded part, from 0 to 1. Rejects with `LoadFailed`; another call tries again. */
export async function loadCompiler(onProgress: (part: number) => void): Promise<Compiler> {
  onProgress(0)
  await download(workerUrl, onProgress)
  const worker = new Worker(workerUrl, { type: 'module' })
  const waiting = new Map<
    number,
    { readonly request: CompileRequest; done(module: Uint8Array<ArrayBuffer>): void; fail(error: unknown): void }
  >()
  let count = 0
  const failAll = (error: ScriptError): void => {
    for (const { fail } of waiting.values()) fail(error)
    waiting.clear()
  }
  let start: { done(): void; fail(error: unknown): void } | undefined
  const ready = new Promise<void>((done, fail) => {
    start = { done, fail }
  })
  worker.addEventListener('error', ({ message }) => {
    const error = new ScriptError('LoadFailed', `the compiler of AssemblyScript failed: ${message ?? 'it did not start'}`)
    start?.fail(error)
    failAll(error)
  })
  worker.addEventListener('message', ({ data }: MessageEvent<CompileAnswer>) => {
    if (data.id === undefined) return start?.done()
    const { request, done, fail } = waiting.get(data.id) as NonNullable<ReturnType<typeof waiting.get>>
    waiting.delete(data.id)
    if ('module' in data) done(data.module)
    else fail(errorOf(request, data.mistakes, data.failure))
  })
  await ready.catch((error: unknown) => {
    worker.terminate()
    throw error
  })
  return {
    compile: (entry, files) =>
      new Promise((done, fail) => {
        const request = { id: count++, entry, files }
        waiting.set(request.id, { request, done, fail })
        worker.postMessage(request)
      }),
    end() {
      worker.terminate()
      failAll(new ScriptError('Disposed', 'the compiler was ended'))
    },
  }
}

/** Fetches the worker's module, so that its progress can be shown; the worker then takes it from the cache of the browser. */
async function download(url: string, onProgress: (part: number) => void): Promise<void> {
  try {
    const response = await fetch(url)
    if (!response.ok || response.body === null) throw new Error(`the server answered ${response.status}`)
    const length = response.headers.has('Content-Encoding') ? 0 : Number(response.headers.get('Content-Length'))
    const total = length > 0 ? length : COMPILER_BYTES
    let loaded = 0
    for (const reader = response.body.getReader(); ; ) {
      const { done, value } = await reader.read()
      if (done) break
      loaded += value.length
      onProgress(Math.min(1, loaded / total))
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ScriptError('LoadFailed', `the compiler of AssemblyScript could not be loaded (${why})`, { cause })
  }
}

function errorOf({ entry, files }: CompileRequest, mistakes: readonly CompileMistake[], failure: string): ScriptError {
  const placed = mistakes.map(({ message, file, offset }) => ({ detail: message, frame: '', location: placeOf(files, file, offset) }))
  // A mistake in another file is shown where the script begins.
  const own = placed.map((each) => (each.location.file === entry ? each : { ...each, location: { file: entry, line: 1, column: 1 } }))
  const [first] = own
  if (first === undefined) return new ScriptError('BuildFailed', failure)
  const more = own.length === 1 ? '' : ` (and ${own.length - 1} more)`
  return new ScriptError('InvalidSource', `${first.detail}${more}`, { location: first.location, frame: '', mistakes: own })
}

function placeOf(files: Readonly<Record<string, string>>, file: string, offset: number): SourceLocation {
  const lines = (files[file] ?? '').slice(0, offset).split('\n')
  return { file, line: lines.length, column: (lines.at(-1) as string).length + 1 }
}
