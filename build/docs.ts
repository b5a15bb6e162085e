import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { DEFAULT_LIMITS } from '../src/abi/limits.ts'
import { MATH_PRICES, PRICES } from '../src/abi/prices.ts'
import { ERROR_SENTENCES } from '../src/errors.ts'
import { MAX_COUNTS } from '../src/wasm/format/bounds.ts'

// Writes what the pages in docs/ have from the code: `npm run docs:generate`.

/** Pages with generated parts, each with what generates them: a function of the page as it is. Words in tables are written by hand. */
export const GENERATED_PAGES: Readonly<Record<string, (page: string) => string>> = {
  'docs/errors.md': (page) => withErrors(page, errorsSource),
  'docs/fuel.md': (page) => withNumbers(withNumbers(page, 'price', PRICES, String), 'function', MATH_PRICES, String),
  'docs/limits.md': (page) =>
    withNumbers(withNumbers(page, 'limit', { ...DEFAULT_LIMITS }, grouped), 'what a module has', MAX_COUNTS, grouped),
}

const path = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url))
const grouped = (number: number): string => number.toLocaleString('en')
const errorsSource = await readFile(path('src/errors.ts'), 'utf8')

/**
 * Returns the page with a section for each error code: its cause and its cure, from the docstrings in `source` and from `ERROR_SENTENCES`.
 * Throws if a code has no docstring.
 */
export function withErrors(page: string, source: string): string {
  const docs = new Map(
    [...source.matchAll(/^ {2}\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n {2}([A-Z]\w+):/gm)].map(([, comment = '', code = '']) => [
      code,
      paragraphs(comment),
    ]),
  )
  const sections = Object.entries(ERROR_SENTENCES).map(([code, sentence]) => {
    const [cause, ...advice] = docs.get(code) ?? []
    if (cause === undefined) throw new Error(`src/errors.ts has no docstring of ${code}: say what causes it`)
    return `### ${code}\n\n**Cause.** ${cause}\n\n**Cure.** ${[sentence, ...advice].join(' ')}\n`
  })
  return page.replace(
    /(<!-- generated .*-->\n)[\s\S]*?(<!-- end -->)/,
    (_, begin, end) => `${begin}\n## Codes\n\n${sections.join('\n')}\n${end}`,
  )
}

/** Returns the paragraphs of a docstring. */
function paragraphs(comment: string): string[] {
  const text = comment.replace(/^ *\* ?/gm, '').trim()
  return text.split(/\n\s*\n/).map((paragraph) => paragraph.replace(/\s+/g, ' '))
}

/**
 * Returns the page with the numbers of `values` in the second column of a table: that whose first column has the heading `first`. Throws if a row
 * or a value is missing.
 */
export function withNumbers(
  page: string,
  first: string,
  values: Readonly<Record<string, number>>,
  format: (value: number) => string,
): string {
  const begin = page.search(new RegExp(`^\\| ${first} +\\|`, 'm'))
  const end = page.indexOf('\n\n', begin)
  const missing = new Set(Object.keys(values))
  const table = page.slice(begin, end).replace(/^\| (`?)([\w ]+?)\1( +)\| +([\d,]+)(?= \|)/gm, (row, quote, name, space, old) => {
    const value = values[name]
    if (value === undefined) throw new Error(`the table '${first}' has a row for '${name}', which is gone: remove it`)
    missing.delete(name)
    const width = row.length - `| ${quote}${name}${quote}${space}| `.length
    return old === format(value) ? row : `| ${quote}${name}${quote}${space}| ${format(value).padStart(width)}`
  })
  if (missing.size > 0) throw new Error(`the table '${first}' has no row for '${[...missing].join("', '")}': write what it is of`)
  return page.slice(0, begin) + table + page.slice(end)
}

if (process.argv[1] === path('build/docs.ts')) {
  for (const [file, generate] of Object.entries(GENERATED_PAGES)) {
    const page = await readFile(path(file), 'utf8')
    await writeFile(path(file), generate(page))
  }
}
