import { ScriptError } from '../../errors.ts'
import { parseJson, writeJson } from '../../json.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })
/** Characters of an output that is not JSON, as errors show it. */
const SHOWN = 40

/** The text of an output. With a mistake, it is only the start of bytes that are not UTF-8; it is not read if it is too long. */
export interface OutputText {
  /** The length in bytes. */
  readonly length: number
  readonly text: string
  readonly mistake?: unknown
}

/** Reads the output of a plugin. Throws nothing: a mistake in the output is not a trap of the plugin. */
export function readOutput(output: Uint8Array, maximum: number): OutputText {
  const { length } = output
  if (length > maximum) return { length, text: '' }
  try {
    return { length, text: utf8.decode(output) }
  } catch (mistake) {
    return { length, text: new TextDecoder().decode(output.subarray(0, SHOWN)), mistake }
  }
}

/** Returns the value of an output of the function `name`. Throws `InvalidJson`. */
export function parseOutput(name: string, { text, mistake }: OutputText): unknown {
  try {
    if (mistake !== undefined) throw mistake
    return parseJson(text)
  } catch (cause) {
    const start = JSON.stringify(text.slice(0, SHOWN))
    throw new ScriptError('InvalidJson', `the output of '${name}' is not JSON: it begins ${start}`, { export: name, cause })
  }
}

/** Returns a value as the text of an input. Throws `InvalidJson`. */
export function writeInput(value: unknown): string {
  try {
    return writeJson(value)
  } catch (cause) {
    throw new ScriptError('InvalidJson', 'the value that is passed cannot be written as JSON', { cause })
  }
}

/** Throws the error of that code for an input or an output with more bytes than `limits.jsonBytes`. */
export function checkBytes(size: number, jsonBytes: number, code: 'InvalidJson' | 'TooLarge'): void {
  const what = code === 'InvalidJson' ? 'the JSON text has' : 'the data has'
  if (size > jsonBytes) throw new ScriptError(code, `${what} ${size} bytes, the limit is ${jsonBytes} (limits.jsonBytes)`)
}
