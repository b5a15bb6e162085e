import type * as NodeFiles from 'node:fs'
import type * as NodePath from 'node:path'
import type { MessagePort } from 'node:worker_threads'

/** What the worker is asked for. */
export interface AscRequest {
  /** The path of the source, relative to the folder. */
  readonly source: string
  readonly folder: string
  readonly flags: readonly string[]
}

/** A mistake, or a warning, that the compiler reports. */
export interface AscMistake {
  readonly message: string
  readonly code: number
  /** Left out if it has no place. */
  readonly place?: { readonly file: string; readonly text: string; readonly offset: number }
}

/** What came of it. */
export interface AscAnswer {
  /** What the compiler wrote, by name. */
  readonly written: Readonly<Record<string, Uint8Array | string>>
  /** The files that it looked for, relative to the folder. */
  readonly read: readonly string[]
  readonly mistakes: readonly AscMistake[]
  readonly warnings: readonly AscMistake[]
  /** Why it failed; `undefined` if it did not. */
  readonly failure: string | undefined
}

/** The part of a diagnostic of `asc` that is read. */
interface AscDiagnostic {
  readonly code: number
  /** 3 for an error, 2 for a warning. */
  readonly category: number
  readonly message: string
  readonly range: { readonly start: number; readonly source: { readonly normalizedPath: string } } | null
}

/** The part of `assemblyscript/asc` that is used. */
interface Asc {
  /** The texts of the standard library, by name. */
  readonly libraryFiles: Readonly<Record<string, string>>
  main(
    args: readonly string[],
    host: {
      readonly stdout: { write(text: string): void }
      readonly stderr: { write(text: string): void }
      readonly readFile: (name: string, folder: string) => string | null
      readonly writeFile: (name: string, content: Uint8Array | string) => void
      readonly listFiles: () => readonly string[]
      readonly reportDiagnostic: (diagnostic: AscDiagnostic) => void
    },
  ): Promise<{ readonly error: Error | null }>
}

/** Answers requests, one after another. It becomes the text of a module, so it must use nothing from outside of it. */
function serve(asc: Asc, port: MessagePort, { readFileSync }: typeof NodeFiles, { resolve }: typeof NodePath): void {
  // Each source is a script of its own, without the others that a config lists.
  function withoutEntries(config: string): string {
    try {
      return JSON.stringify({ ...JSON.parse(config), entries: undefined })
    } catch {
      return config
    }
  }
  port.on('message', async ({ source, folder, flags }: AscRequest) => {
    const written: Record<string, Uint8Array | string> = {}
    const read = new Map<string, string | null>()
    const mistakes: AscMistake[] = []
    const warnings: AscMistake[] = []
    let printed = ''
    let failure: string | undefined
    try {
      const { error } = await asc.main([source, ...flags], {
        stdout: { write: () => undefined },
        stderr: {
          write: (text) => {
            printed += text
          },
        },
        readFile: (name, inside) => {
          let text: string | null = null
          try {
            text = readFileSync(resolve(folder, inside, name), 'utf8')
          } catch {
            // It is looked for in the next place.
          }
          if (name.endsWith('.json')) return text === null ? null : withoutEntries(text)
          read.set(name, text)
          return text
        },
        writeFile: (name, content) => {
          written[name] = content
        },
        listFiles: () => [],
        reportDiagnostic: ({ code, category, message, range }) => {
          if (category < 2) return
          const file = range?.source.normalizedPath ?? ''
          const text = read.get(file) ?? asc.libraryFiles[file.replace(/^~lib\/|\.ts$/g, '')]
          ;(category === 2 ? warnings : mistakes).push({
            code,
            message,
            ...(range !== null && text !== undefined && { place: { file, text, offset: range.start } }),
          })
        },
      })
      if (error !== null) failure = printed.trim() || error.message
    } catch (error) {
      failure = String(error)
    }
    port.postMessage({ written, read: [...read.keys()], mistakes, warnings, failure } satisfies AscAnswer)
  })
}

/** Returns the URL of the worker's module. `asc` is the URL of `assemblyscript/asc`. */
export function workerUrl(asc: string): URL {
  const code = [
    `import * as asc from ${JSON.stringify(asc)}`,
    "import { parentPort } from 'node:worker_threads'",
    "import * as files from 'node:fs'",
    "import * as path from 'node:path'",
    // What esbuild keeps the names of functions by.
    'const __name = (value) => value;',
    `(${serve})(asc, parentPort, files, path)`,
  ]
  return new URL(`data:text/javascript,${encodeURIComponent(code.join('\n'))}`)
}
