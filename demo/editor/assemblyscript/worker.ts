import * as asc from 'assemblyscript/asc'
import { embedMap } from './embed-map.ts'
import type { CompileAnswer, CompileMistake, CompileRequest } from './protocol.ts'

const OUTPUT = 'module.wasm'
const FLAGS: readonly string[] = [
  '-o',
  OUTPUT,
  '--runtime',
  'stub',
  '-O3',
  '--converge',
  '--noAssert',
  '--use',
  'abort=',
  '--enable',
  'simd',
  '--debug',
  '--sourceMap',
]
/** The category of diagnostics that are errors. */
const ERROR = 3

const answer = (message: CompileAnswer): void => postMessage(message)

addEventListener('message', async ({ data }: MessageEvent<CompileRequest>) => {
  const { id, entry, files } = data
  const mistakes: CompileMistake[] = []
  let module: Uint8Array<ArrayBuffer> | undefined
  let map = ''
  let printed = ''
  const { error } = await asc
    .main([entry, ...FLAGS], {
      stdout: { write: () => undefined },
      stderr: {
        write(text) {
          printed += text
        },
      },
      readFile: (name) => (Object.hasOwn(files, name) ? (files[name] as string) : null),
      writeFile(_, content) {
        if (typeof content === 'string') map = content
        else module = content
      },
      listFiles: () => [],
      reportDiagnostic({ category, message, code, range }) {
        if (category !== ERROR) return
        mistakes.push({ message: `${message} [AS${code}]`, file: range?.source.normalizedPath ?? entry, offset: range?.start ?? 0 })
      },
    })
    .catch((thrown: unknown) => ({ error: thrown instanceof Error ? thrown : new Error(String(thrown)) }))
  if (error === null && module !== undefined) answer({ id, module: embedMap(module, map) })
  else answer({ id, mistakes, failure: error?.message ?? (printed.trim() || 'it wrote no module') })
})

answer({})
