/** The types of one letter. */
const BASIC: Readonly<Record<string, string>> = {
  a: 'i8',
  b: 'bool',
  c: 'char',
  d: 'f64',
  e: 'str',
  f: 'f32',
  h: 'u8',
  i: 'isize',
  j: 'usize',
  l: 'i32',
  m: 'u32',
  n: 'i128',
  o: 'u128',
  s: 'i16',
  t: 'u16',
  u: '()',
  v: '...',
  x: 'i64',
  y: 'u64',
  z: '!',
  p: '_',
}
const REFERENCES: Readonly<Record<string, string>> = { R: '&', Q: '&mut ', P: '*const ', O: '*mut ' }
const MAX_DEPTH = 50
/** Steps for one name: references in it can repeat the same part many times. */
const MAX_STEPS = 2000

/** Thrown where a name is malformed, or has a part that is not read. */
const UNKNOWN = new Error('unknown')

/**
 * Demangles a name of Rust, version 0, without its `_R`. Returns `undefined` for one that is malformed, and for types that names rarely have: `dyn` and
 * pointers to functions. https://rust-lang.github.io/rfcs/2603-rust-symbol-name-mangling-v0.html
 */
export function demangleRust(mangled: string): string | undefined {
  try {
    return new RustName(mangled).path(false, 0)
  } catch (error) {
    if (error === UNKNOWN) return undefined
    throw error
  }
}

class RustName {
  readonly #text: string
  #at = 0
  #steps = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Reads a path. In a type, generic arguments have no `::` before them. */
  path(inType: boolean, depth: number): string {
    const kind = this.#next(depth)
    switch (kind) {
      case 'C':
        this.#disambiguator()
        return this.#identifier()
      case 'N': {
        const space = this.#next(depth)
        const parent = this.path(inType, depth + 1)
        const number = this.#disambiguator()
        const name = this.#identifier()
        if (space === 'C') return `${parent}::{closure#${number}}`
        if (space === 'S') return `${parent}::{shim#${number}}`
        return name === '' ? parent : `${parent}::${name}`
      }
      case 'M':
      case 'X': {
        this.#disambiguator()
        this.path(false, depth + 1)
        const type = this.type(depth + 1)
        return kind === 'M' ? `<${type}>` : `<${type} as ${this.path(true, depth + 1)}>`
      }
      case 'Y': {
        const type = this.type(depth + 1)
        return `<${type} as ${this.path(true, depth + 1)}>`
      }
      case 'I': {
        const path = this.path(inType, depth + 1)
        return `${path}${inType ? '' : '::'}<${this.#list(() => this.#argument(depth + 1)).join(', ')}>`
      }
      case 'B':
        return this.#referred(() => this.path(inType, depth + 1))
    }
    throw UNKNOWN
  }

  type(depth: number): string {
    const kind = this.#next(depth)
    const basic = BASIC[kind]
    if (basic !== undefined) return basic
    const reference = REFERENCES[kind]
    if (reference !== undefined) {
      if (this.#take('L')) this.#number()
      return `${reference}${this.type(depth + 1)}`
    }
    switch (kind) {
      case 'A': {
        const element = this.type(depth + 1)
        return `[${element}; ${this.#constant(depth + 1)}]`
      }
      case 'S':
        return `[${this.type(depth + 1)}]`
      case 'T': {
        const types = this.#list(() => this.type(depth + 1))
        return types.length === 1 ? `(${types[0]},)` : `(${types.join(', ')})`
      }
      case 'B':
        return this.#referred(() => this.type(depth + 1))
    }
    this.#at--
    return this.path(true, depth + 1)
  }

  #argument(depth: number): string {
    if (this.#take('L')) return this.#number() === 0 ? "'_" : "'a"
    return this.#take('K') ? this.#constant(depth) : this.type(depth)
  }

  #constant(depth: number): string {
    if (this.#take('p')) return '_'
    if (this.#take('B')) return this.#referred(() => this.#constant(depth + 1))
    const type = this.type(depth)
    const sign = this.#take('n') ? '-' : ''
    const end = this.#text.indexOf('_', this.#at)
    const digits = this.#text.slice(this.#at, end)
    if (end < 0 || !/^[\da-f]{0,32}$/.test(digits)) throw UNKNOWN
    this.#at = end + 1
    const value = BigInt(`0x${digits || 0}`)
    return type === 'bool' ? String(value !== 0n) : `${sign}${value}`
  }

  /** Reads what stands at an earlier place of the name. */
  #referred(read: () => string): string {
    const start = this.#at - 1
    const target = this.#number()
    if (target >= start) throw UNKNOWN
    const after = this.#at
    this.#at = target
    const found = read()
    this.#at = after
    return found
  }

  #list(read: () => string): string[] {
    const items: string[] = []
    while (!this.#take('E')) items.push(read())
    return items
  }

  #disambiguator(): number {
    return this.#take('s') ? this.#number() + 1 : 0
  }

  /** Reads a number in base 62, which ends with `_`. */
  #number(): number {
    const end = this.#text.indexOf('_', this.#at)
    const digits = this.#text.slice(this.#at, end)
    if (end < 0 || !/^[\dA-Za-z]{0,12}$/.test(digits)) throw UNKNOWN
    this.#at = end + 1
    if (digits === '') return 0
    let value = 0
    for (const digit of digits) {
      const place = /\d/.test(digit) ? 48 : /[a-z]/.test(digit) ? 87 : 29
      value = value * 62 + digit.charCodeAt(0) - place
    }
    return value + 1
  }

  #identifier(): string {
    const isEncoded = this.#take('u')
    const [digits = ''] = /^\d{1,4}/.exec(this.#text.slice(this.#at, this.#at + 4)) ?? []
    if (digits === '') throw UNKNOWN
    this.#at += digits.length
    this.#take('_')
    const name = this.#text.slice(this.#at, this.#at + Number(digits))
    if (name.length < Number(digits)) throw UNKNOWN
    this.#at += name.length
    return isEncoded ? `punycode{${name}}` : name
  }

  #take(letter: string): boolean {
    if (this.#text[this.#at] !== letter) return false
    this.#at++
    return true
  }

  #next(depth: number): string {
    const letter = this.#text[this.#at++]
    if (letter === undefined || depth > MAX_DEPTH || ++this.#steps > MAX_STEPS) throw UNKNOWN
    return letter
  }
}
