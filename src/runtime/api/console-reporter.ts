import { formatFrame, type ScriptError } from '../../errors.ts'
import type { LogLine } from '../../host/services/script-log.ts'
import { escapeControls, escapeLine } from '../../printable.ts'

/** Faults that are kept to recognise their repetitions. Further ones are not printed. */
const MAX_FAULTS = 100
/** Characters of a fault's description that are compared. */
const MAX_COMPARED = 300

/** Prints the faults and log lines that no listener receives. */
export class ConsoleReporter {
  /** The faults printed so far, each with the name of its script. */
  readonly #printed = new Map<string, string | undefined>()

  /** Prints a fault with its frame and trace, unless the script had the same fault at the same place before. */
  fault(error: ScriptError): void {
    const key = keyOf(error)
    if (this.#printed.has(key) || this.#printed.size > MAX_FAULTS) return
    this.#printed.set(key, error.script)
    if (this.#printed.size > MAX_FAULTS) {
      console.error("[bitscript] there are more faults, which are not printed; receive them with runtime.on('error', …)")
      return
    }
    const { frame, cause } = error
    const lines = [`[bitscript] ${error.message}`, ...(frame === undefined ? [] : [frame]), ...(error.trace ?? []).map(formatFrame)]
    const text = escapeControls(lines.join('\n'))
    // The place of a mistake in the game's own code is in the stack of its error.
    if (error.code === 'HostError' && cause instanceof Error) console.error(`${text}\n`, cause)
    else console.error(text)
  }

  /** Prints a log line at its level. */
  line({ script, level, message }: LogLine): void {
    console[level](`[${escapeLine(script)}] ${escapeLine(message)}`)
  }

  /** Makes the faults of a script print again, because its code changed. */
  forget(script: string): void {
    for (const [key, name] of this.#printed) if (name === script) this.#printed.delete(key)
  }
}

/** Returns the same text for the same fault at the same place, whatever entity, index or address it happened with. */
function keyOf({ code, script, export: name, location, detail }: ScriptError): string {
  const place = location === undefined ? '' : `${location.file}:${location.line}:${location.column}`
  return [code, script, name, place, detail.slice(0, MAX_COMPARED).replace(/\d+/g, '#')].join('\n')
}
