import type wabt from 'wabt'
import { ScriptError, type SourceLocation } from '../../errors.ts'
import { codeFrame } from './code-frame.ts'
import { watTokens } from './tokens.ts'

type Wabt = Awaited<ReturnType<typeof wabt>>

/** What wabt assembles beyond its defaults: everything of it that an engine of today runs deterministically. */
const FEATURES = { exceptions: true, tail_call: true, multi_memory: true, extended_const: true }

/** wabt is told this name instead of the file's own, so that its messages can be taken apart whatever a file is called. */
const NAME = '\u0001'
const DIAGNOSTIC = new RegExp(`^${NAME}:(\\d+):(\\d+): error: (.*)$`, 'gm')

let assembler: Promise<Wabt> | undefined

/** One instance serves all: starting one takes tens of milliseconds. */
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
 * Assembles WAT text to a binary with a `name` section. `file` is what locations are given in.
 *
 * Throws `InvalidText` with location and frame.
 */
export async function assembleWat(text: string, file: string): Promise<Uint8Array<ArrayBuffer>> {
  checkNesting(text, file)
  for (;;) {
    const loading = loadAssembler()
    const wabt = await loading
    // Another text may have broken the instance while this one waited for it.
    if (loading === assembler) return assembleOrTell(wabt, text, file)
  }
}

function assembleOrTell(wabt: Wabt, text: string, file: string): Uint8Array<ArrayBuffer> {
  try {
    return assemble(wabt, text)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const [first, ...more] = [...message.matchAll(DIAGNOSTIC)]
    if (first === undefined) {
      // Not a diagnostic but a crash (deep nesting does it), after which the instance is broken for good.
      assembler = undefined
      throw new ScriptError('InvalidText', 'the assembler failed on this text, which is nested too deeply or too large', { cause: error })
    }
    const location = locate(text, file, Number(first[1]), Number(first[2]))
    const others = more.length === 0 ? '' : ` (and ${more.length} more)`
    const isPath = !/[\s(;]/.test(text.trim())
    const hint = isPath ? '; a string is taken for WAT text: give a URL to load a file' : ''
    throw new ScriptError('InvalidText', `${first[3]?.replace(/\.$/, '')}${others}${hint}`, { location, frame: codeFrame(text, location) })
  }
}

/** Blocks inside each other that the assembler takes; with some more it does not come back. */
const MOST_NESTED = 128
const BLOCK = /^(block|loop|if|try|try_table)$/

/** Throws `InvalidText` for blocks that are nested too deeply, at the first that is. */
function checkNesting(text: string, file: string): void {
  if ((text.match(/\b(block|loop|if|try|try_table)\b/g)?.length ?? 0) <= MOST_NESTED) return
  // Of each parenthesis that is open, the blocks that were open before it.
  const open: number[] = []
  let nested = 0
  for (const { text: word, line, column } of watTokens(text)) {
    if (word === '(') open.push(nested)
    else if (word === ')') nested = open.pop() ?? 0
    else if (word === 'end') nested = Math.max(0, nested - 1)
    else if (BLOCK.test(word) && ++nested > MOST_NESTED) {
      const location = { file, line, column }
      const detail = `the blocks are nested too deeply for the assembler, which takes ${MOST_NESTED} inside each other`
      throw new ScriptError('InvalidText', detail, { location, frame: codeFrame(text, location) })
    }
  }
}

function assemble(wabt: Wabt, text: string): Uint8Array<ArrayBuffer> {
  const module = wabt.parseWat(NAME, new TextEncoder().encode(text), FEATURES)
  try {
    module.resolveNames()
    // The package's types leave out that validation takes features too; without them it knows only the defaults.
    ;(module.validate as (features: object) => void).call(module, FEATURES)
    return new Uint8Array(module.toBinary({ write_debug_names: true }).buffer)
  } finally {
    module.destroy()
  }
}

/** wabt counts columns in bytes; people and editors count characters. */
function locate(text: string, file: string, line: number, byteColumn: number): SourceLocation {
  const content = text.split('\n')[line - 1] ?? ''
  const before = new TextEncoder().encode(content).subarray(0, byteColumn - 1)
  return { file, line, column: new TextDecoder().decode(before).length + 1 }
}
