import type wabt from 'wabt'
import { ScriptError, type SourceLocation, type SourceMistake } from '../../errors.ts'
import { escapeControls } from '../../printable.ts'
import { codeFrame } from './code-frame.ts'
import { watTokens } from './tokens.ts'

type Wabt = Awaited<ReturnType<typeof wabt>>

/** The features of wabt beyond its defaults that current engines support and run deterministically. */
const FEATURES = { exceptions: true, tail_call: true, multi_memory: true, extended_const: true }

/** Passed to wabt instead of the file's name, so that its messages can be parsed whatever the file is called. */
const NAME = '\u0001'
const DIAGNOSTIC = new RegExp(`^${NAME}:(\\d+):(\\d+): error: (.*)$`, 'gm')

/** Mistakes of one text that an error lists. */
const MAX_MISTAKES = 50

let assembler: Promise<Wabt> | undefined

/** Returns the shared instance of wabt, which takes tens of milliseconds to start. */
function loadAssembler(): Promise<Wabt> {
  assembler ??= import('wabt').then(
    (module) => module.default(),
    (cause) => {
      assembler = undefined
      throw new ScriptError('LoadFailed', "WAT text needs the package 'wabt', which could not be loaded", { cause })
    },
  )
  return assembler
}

/**
 * Assembles WAT text to a binary with a `name` section. `file` is the file name in error locations. Throws `InvalidText` with
 * location and frame, `LoadFailed` if wabt cannot be loaded.
 */
export async function assembleWat(text: string, file: string): Promise<Uint8Array<ArrayBuffer>> {
  checkNesting(text, file)
  for (;;) {
    const loading = loadAssembler()
    const wabt = await loading
    // Another text may have crashed the instance in the meantime.
    if (loading === assembler) return assembleOrThrow(wabt, text, file)
  }
}

function assembleOrThrow(wabt: Wabt, text: string, file: string): Uint8Array<ArrayBuffer> {
  try {
    return assemble(wabt, text)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const [first, ...more] = [...message.matchAll(DIAGNOSTIC)]
    if (first === undefined) {
      // A crash instead of a diagnostic, caused by deep nesting for example. The instance cannot be used again.
      assembler = undefined
      throw new ScriptError('InvalidText', 'the assembler failed on this text, which is nested too deeply or too large', { cause: error })
    }
    const others = more.length === 0 ? '' : ` (and ${more.length} more)`
    const isPath = !/[\s(;]/.test(text.trim())
    const hint = isPath ? '; a string is read as WAT text: pass a URL to load a file' : ''
    const mistakes = [first, ...more.slice(0, MAX_MISTAKES - 1)].map((diagnostic) => mistakeOf(text, file, diagnostic))
    const { detail, location, frame } = mistakes[0] as SourceMistake
    throw new ScriptError('InvalidText', `${detail}${others}${hint}`, { location, frame, ...(more.length > 0 && { mistakes }) })
  }
}

function mistakeOf(text: string, file: string, [, line, column, message = '']: RegExpExecArray): SourceMistake {
  const location = locate(text, file, Number(line), Number(column))
  return { detail: escapeControls(message.replace(/\.$/, '')), location, frame: codeFrame(text, location) }
}

/** The depth of nested blocks that wabt can assemble. It hangs on deeper ones. */
const MAX_NESTED = 128
const BLOCK = /^(block|loop|if|try|try_table)$/

/** Throws `InvalidText` at the first block that is nested too deeply. */
function checkNesting(text: string, file: string): void {
  if ((text.match(/\b(block|loop|if|try|try_table)\b/g)?.length ?? 0) <= MAX_NESTED) return
  // The number of blocks that were open before each open parenthesis.
  const open: number[] = []
  let nested = 0
  for (const { text: word, line, column } of watTokens(text)) {
    if (word === '(') open.push(nested)
    else if (word === ')') nested = open.pop() ?? 0
    else if (word === 'end') nested = Math.max(0, nested - 1)
    else if (BLOCK.test(word) && ++nested > MAX_NESTED) {
      const location = { file, line, column }
      const detail = `the blocks are nested too deeply: the assembler supports ${MAX_NESTED} levels`
      throw new ScriptError('InvalidText', detail, { location, frame: codeFrame(text, location) })
    }
  }
}

function assemble(wabt: Wabt, text: string): Uint8Array<ArrayBuffer> {
  const module = wabt.parseWat(NAME, new TextEncoder().encode(text), FEATURES)
  try {
    module.resolveNames()
    // The package's types omit the parameter of validate. Without it, validate allows the default features only.
    ;(module.validate as (features: object) => void).call(module, FEATURES)
    return new Uint8Array(module.toBinary({ write_debug_names: true }).buffer)
  } finally {
    module.destroy()
  }
}

/** Converts a column from bytes, as wabt counts, to characters. */
function locate(text: string, file: string, line: number, byteColumn: number): SourceLocation {
  const content = text.split('\n')[line - 1] ?? ''
  const before = new TextEncoder().encode(content).subarray(0, byteColumn - 1)
  return { file, line, column: new TextDecoder().decode(before).length + 1 }
}
