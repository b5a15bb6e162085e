import * as v from 'valibot'
import { wholeNumber } from '../../options.ts'
import { escapeLine } from '../../printable.ts'
import type { HostCaller } from '../api/host-caller.ts'

/** Where the game called the runtime for the inputs of a recording. */
export interface RecordedCallers {
  /** The places, each once. Their files are named from a folder: the names say nothing of the machine. */
  readonly places: readonly HostCaller[]
  /** For each input, the number of its place in that list, counted from 1; 0 if it is not known. */
  readonly ofInputs: Uint16Array
}

/** Places that a recording has. */
const MAX_PLACES = 1000
/** Characters of a name. */
const MAX_LENGTH = 500

const name = v.custom<string>(
  (value) => typeof value === 'string' && value !== '' && value.length <= MAX_LENGTH && escapeLine(value) === value,
  `a text of 1 to ${MAX_LENGTH} characters, without control characters`,
)
const file = v.pipe(
  name,
  v.check((path) => !/^\/|[\\:]|(?:^|\/)\.\.(?:\/|$)/.test(path), 'a path within a folder'),
)
const caller: v.GenericSchema<HostCaller> = v.strictObject({
  function: v.exactOptional(name),
  file,
  line: wholeNumber(1),
  column: wholeNumber(1),
}) as v.GenericSchema<HostCaller>

/** The schema of the callers of a recording. */
export const recordedCallersSchema: v.GenericSchema<RecordedCallers> = v.pipe(
  v.strictObject({
    places: v.pipe(v.array(caller), v.maxLength(MAX_PLACES, `at most ${MAX_PLACES} places`)),
    ofInputs: v.instance(Uint16Array, 'numbers of places'),
  }),
  v.check(({ places, ofInputs }) => ofInputs.every((place) => place <= places.length), 'numbers of places that there are'),
)

/** Returns where the game called for an input; `undefined` if the recording does not have it. */
export function callerOfInput({ callers }: { readonly callers?: RecordedCallers }, input: number): HostCaller | undefined {
  return callers?.places[(callers.ofInputs[input] ?? 0) - 1]
}

/** Gathers the callers of inputs for a recording. */
export class CallerTable {
  readonly #root: string
  readonly #places: HostCaller[] = []
  readonly #numbers = new Map<HostCaller, number>()
  readonly #ofInputs: number[] = []

  /** Files are named from the folder `root`, and those outside of it by their names alone. */
  constructor(root: URL) {
    this.#root = root.href.replace(/[?#].*$/, '').replace(/\/?$/, '/')
  }

  /** Adds the caller of the next input. */
  add(caller: HostCaller | undefined): void {
    this.#ofInputs.push(caller === undefined ? 0 : this.#numberOf(caller))
  }

  /** Returns what was gathered; `undefined` if no place is known. */
  content(): RecordedCallers | undefined {
    return this.#places.length === 0 ? undefined : { places: this.#places, ofInputs: Uint16Array.from(this.#ofInputs) }
  }

  /** A caller is the same object each time as long as it is kept. */
  #numberOf(given: HostCaller): number {
    const known = this.#numbers.get(given)
    if (known !== undefined) return known
    const place = { ...given, file: nameFrom(this.#root, given.file) }
    const same = this.#places.findIndex((each) => isSame(each, place))
    const isNew = same < 0 && this.#places.length < MAX_PLACES && v.is(caller, place)
    const number = isNew ? this.#places.push(place) : same + 1
    if (this.#numbers.size >= MAX_PLACES) this.#numbers.clear()
    this.#numbers.set(given, number)
    return number
  }
}

function isSame(one: HostCaller, other: HostCaller): boolean {
  return one.file === other.file && one.line === other.line && one.column === other.column && one.function === other.function
}

/** Returns the path of a file from a folder; of one outside of it, its name in its package or alone; `''` if it has none. */
function nameFrom(root: string, file: string): string {
  const url = urlOf(file)
  if (url === undefined) return file
  // As of a blob, or of a module of Node.
  if (!url.pathname.startsWith('/')) return ''
  url.search = ''
  url.hash = ''
  const { href } = url
  // Vite serves files outside of its folder by their whole path.
  if (href.startsWith(root) && !href.startsWith('@fs/', root.length)) return decode(href.slice(root.length))
  const inPackage = href.lastIndexOf('/node_modules/')
  return decode(href.slice((inPackage < 0 ? href.lastIndexOf('/') : inPackage) + 1))
}

/** Returns the URL of a file as an engine names it; `undefined` for what is named from a folder already. */
function urlOf(file: string): URL | undefined {
  const url = /^\//.test(file) ? `file://${file}` : file.replace(/^([a-z]:)\\/i, 'file:///$1/')
  try {
    return new URL(url)
  } catch {
    return undefined
  }
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
