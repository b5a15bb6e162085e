import type wabt from 'wabt'
import { ScriptError, type SourceLocation, type SourceMistake } from '../../errors.ts'
import { abbreviate, escapeControls } from '../../printable.ts'
import { decodeModule } from '../decode/decode.ts'
import { type AssemblerGap, dataOfOtherMemory, gapAt, typedReference } from './assembler-gaps.ts'
import { checkText } from './check-text.ts'
import { codeFrame, linesOf } from './code-frame.ts'

type Wabt = Awaited<ReturnType<typeof wabt>>

/** The features of wabt beyond its defaults that current engines support and run deterministically. */
const FEATURES = { exceptions: true, tail_call: true, multi_memory: true, extended_const: true }

/** Passed to wabt instead of the file's name, so that its messages can be parsed whatever the file is called. */
const NAME = '\u0001'
const DIAGNOSTIC = new RegExp(`^${NAME}:(\\d+):(\\d+): error: (.*)$`, 'gm')
/** The start of each diagnostic in a message of wabt, which begins with a line of its own. */
const MARK = `\n${NAME}:`

/** Mistakes of one text that an error lists. */
const MAX_MISTAKES = 50
/** Characters of what is said about each. */
const MAX_DETAIL = 500

let assembler: Promise<Wabt> | undefined

/** Returns the shared instance of wabt, which takes tens of milliseconds to start. */
function loadAssembler(): Promise<Wabt> {
  assembler ??= startAssembler()
  return assembler
}

async function startAssembler(): Promise<Wabt> {
  try {
    const { default: start } = await import('wabt')
    return await start()
  } catch (cause) {
    // The next text tries again: a chunk may not have been reached.
    assembler = undefined
    const reason = cause instanceof Error ? cause.message : String(cause)
    const detail = `WAT text needs the assembler, wabt, which could not be started: ${reason}`
    throw new ScriptError('EngineUnavailable', detail, { cause })
  }
}

/**
 * Assembles WAT text to a binary with a `name` section. `file` is the file name in error locations. Throws `InvalidText` with
 * location and frame, `EngineUnavailable` for what wabt does not know of the text format, or if wabt cannot be started.
 */
export async function assembleWat(text: string, file: string): Promise<Uint8Array<ArrayBuffer>> {
  checkText(text, file)
  const reference = typedReference(text)
  if (reference !== undefined) throw unknownToAssembler(text, file, reference)
  for (;;) {
    const loading = loadAssembler()
    const wabt = await loading
    // Another text may have crashed the instance in the meantime.
    if (loading !== assembler) continue
    const bytes = assembleOrThrow(wabt, text, file)
    checkAssembled(bytes, text, file)
    return bytes
  }
}

/** Throws `EngineUnavailable` if the assembler wrote a module that cannot be decoded: that is not the author's mistake. */
function checkAssembled(bytes: Uint8Array<ArrayBuffer>, text: string, file: string): void {
  try {
    decodeModule(bytes)
  } catch (error) {
    // A module that is too large is reported by the caller.
    if (!(error instanceof ScriptError) || error.code !== 'InvalidBinary') return
    throw unknownToAssembler(text, file, dataOfOtherMemory(text), error)
  }
}

function unknownToAssembler(text: string, file: string, gap: AssemblerGap | undefined, cause?: ScriptError): ScriptError {
  const advice = 'assemble the text with another tool, and load the module that it writes'
  if (gap === undefined) {
    const detail = `the assembler, wabt, wrote an invalid module (${cause?.detail}); ${advice}`
    return new ScriptError('EngineUnavailable', detail, { cause })
  }
  const { what, line, column } = gap
  const location = { file, line, column }
  const detail = `the assembler, wabt, does not know ${what}; ${advice}`
  return new ScriptError('EngineUnavailable', detail, { location, frame: codeFrame(text, location), cause })
}

function assembleOrThrow(wabt: Wabt, text: string, file: string): Uint8Array<ArrayBuffer> {
  try {
    return assemble(wabt, text)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const [first, ...more] = firstMistakes(message, text, file)
    if (first === undefined) {
      // A crash instead of a diagnostic, caused by deep nesting for example. The instance cannot be used again.
      assembler = undefined
      throw new ScriptError('InvalidText', 'the assembler failed on this text, which is nested too deeply or too large', { cause: error })
    }
    const { detail, location, frame } = first
    const gap = gapAt(text, location.line, location.column)
    if (gap !== undefined) throw unknownToAssembler(text, file, gap)
    const others = more.length === 0 ? '' : ` (and ${countDiagnostics(message) - 1} more)`
    const isPath = !/[\s(;]/.test(text.trim()) || /\.wa(t|sm)$/i.test(text.trim())
    const hint = isPath ? '; a string is read as WAT text: pass a URL to load a file' : ''
    throw new ScriptError('InvalidText', `${detail}${others}${hint}`, {
      location,
      frame,
      ...(more.length > 0 && { mistakes: [first, ...more] }),
    })
  }
}

/** Returns the first mistakes that wabt reports. There may be very many. */
function firstMistakes(message: string, text: string, file: string): SourceMistake[] {
  const diagnostics = new RegExp(DIAGNOSTIC)
  const lines = linesOf(text)
  const mistakes: SourceMistake[] = []
  while (mistakes.length < MAX_MISTAKES) {
    const [matched, line, column, detail = ''] = diagnostics.exec(message) ?? []
    if (matched === undefined) break
    const location = locate(lines, file, Number(line), Number(column))
    mistakes.push({
      detail: escapeControls(abbreviate(detail.replace(/\.$/, ''), MAX_DETAIL)),
      location,
      frame: codeFrame(lines, location),
    })
  }
  return mistakes
}

function countDiagnostics(message: string): number {
  let count = 0
  for (let at = message.indexOf(MARK); at >= 0; at = message.indexOf(MARK, at + 1)) count++
  return count
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
function locate(lines: readonly string[], file: string, line: number, byteColumn: number): SourceLocation {
  const before = new TextEncoder().encode(lines[line - 1] ?? '').subarray(0, byteColumn - 1)
  return { file, line, column: new TextDecoder().decode(before).length + 1 }
}
