import { demangleRust } from './demangle-rust.ts'

/** Characters of a name that is demangled. Longer ones stay as they are. */
const MAX_LENGTH = 2000
/** What Rust adds to a name so that it is unique. A linker may have demangled the rest. */
const RUST_HASH = /::h[\da-f]{16}$/
const RUST_ESCAPES: Readonly<Record<string, string>> = { SP: '@', BP: '*', RF: '&', LT: '<', GT: '>', LP: '(', RP: ')', C: ',' }

/** Returns the name of which a linker's name was made, of Rust or C++; `undefined` for another name. */
export function demangle(name: string): string | undefined {
  if (name.length > MAX_LENGTH) return undefined
  if (RUST_HASH.test(name)) return rustPath(name)
  if (name.startsWith('_R')) return demangleRust(name.slice(2))
  if (name.startsWith('_Z')) return demangleCpp(name)
  return undefined
}

/** Replaces the escapes in a name of Rust, and removes its hash. */
function rustPath(name: string): string {
  return name
    .replace(RUST_HASH, '')
    .replaceAll('..', '::')
    .replace(/(^|::)_(?=\$)/g, '$1')
    .replace(/\$(?:u([\da-f]{1,6})|([A-Z]{1,2}))\$/g, (whole, code: string | undefined, word: string) => {
      if (code === undefined) return RUST_ESCAPES[word] ?? whole
      const point = Number.parseInt(code, 16)
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole
    })
}

const CPP_STANDARD: Readonly<Record<string, string>> = { t: 'std', a: 'std::allocator', s: 'std::string' }

/** Demangles the path of a name of C++ or of Rust before version 0, without parameters. Other names than plain ones are `undefined`. */
function demangleCpp(name: string): string | undefined {
  const parts: string[] = []
  let rest = name.slice(2)
  const isNested = rest.startsWith('N')
  if (isNested) rest = rest.slice(1).replace(/^[rVKRO]+/, '')
  for (;;) {
    const [, digits] = /^L?(\d{1,4})/.exec(rest) ?? []
    const [standard, letter] = /^S([tas])/.exec(rest) ?? []
    if (digits !== undefined) {
      const from = rest.indexOf(digits) + digits.length
      const length = Number(digits)
      if (length === 0 || rest.length < from + length) return undefined
      const part = rest.slice(from, from + length)
      parts.push(part.startsWith('_GLOBAL__N') ? '(anonymous namespace)' : part)
      rest = rest.slice(from + length)
    } else if (standard !== undefined && parts.length === 0) {
      parts.push(CPP_STANDARD[letter as string] as string)
      rest = rest.slice(standard.length)
      continue
    } else if (/^[CD][0-3]/.test(rest) && parts.length > 0) {
      const owner = parts.at(-1) as string
      parts.push(rest.startsWith('D') ? `~${owner}` : owner)
      rest = rest.slice(2)
    } else if (isNested && rest.startsWith('E') && parts.length > 0) break
    else return undefined
    if (!isNested) break
  }
  // The arguments of a template follow.
  if (!isNested && rest.startsWith('I')) return undefined
  const path = parts.join('::')
  return RUST_HASH.test(path) ? rustPath(path) : path
}
