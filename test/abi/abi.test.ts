import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ABI_VERSION, EXPORTS, IMPORTS, PRICES } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { formatFunctionType } from '../../src/wasm/format/module.ts'
import { REPOSITORY } from '../fixtures/project.ts'

const readme = readFileSync(new URL('../../scripts-wat/README.md', import.meta.url), 'utf8')

/** Returns the cells of the table under a heading, row by row. */
function table(heading: string): string[][] {
  const section = readme.split(/^## /m).find((part) => part.startsWith(heading)) ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('|'))
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim()),
  )
}

const code = (text: string): string => `\`${text}\``

describe('the ABI tables in scripts-wat/README.md', () => {
  it('list every import with its type, price and meaning', () => {
    expect(table('Imports')).toEqual(
      IMPORTS.map((entry) => {
        const name = typeof entry.name === 'string' ? code(entry.name) : `${code(entry.name.example)} (${entry.name.pattern})`
        const type = entry.variadic === true ? '(numbers…) → ()' : formatFunctionType(entry)
        const price = entry.variadic === true ? `${entry.price} + ${PRICES.eventNumber} a number` : String(entry.price)
        return [code(entry.module), name, code(type), price, entry.meaning]
      }),
    )
  })

  it('name the prices that are not in the table', () => {
    expect(readme).toContain(`that is not made by\n  \`defineComponents\` cost ${PRICES.plainField}.`)
    expect(readme).toContain(`Such a call costs ${PRICES.hostCall} units, and ${PRICES.argument}\nfor each number`)
  })

  it('list every export with its types and when it is called', () => {
    expect(table('Exports')).toEqual(
      EXPORTS.map(({ name, kind, signatures, when }) => {
        const types =
          kind === 'memory'
            ? ['memory']
            : kind === 'number'
              ? ['global i32', '() → i32']
              : (signatures?.map(formatFunctionType) ?? ['(numbers…) → ()'])
        return [code(name), types.map(code).join(' or '), when]
      }),
    )
  })

  it('name the version', () => {
    expect(readme).toContain(`Script ABI, version ${ABI_VERSION}`)
  })
})

describe('the names of exports', () => {
  // Words that mean something else, too: a status, an event, a kind of import.
  const names = EXPORTS.map(({ name }) => name).filter((name) => name.includes('_') || name === 'update')

  it('are written in src/abi/ alone', () => {
    const files = readdirSync(join(REPOSITORY, 'src'), { recursive: true, encoding: 'utf8' })
    const named = files
      .filter((file) => file.endsWith('.ts') && !file.startsWith('abi'))
      .flatMap((file) => {
        // Comments and messages may name them.
        const source = readFileSync(join(REPOSITORY, 'src', file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*|`[^`]*`|"[^"\n]*"/g, '')
        return names.filter((name) => source.includes(`'${name}'`)).map((name) => `${file}: ${name}`)
      })
    expect(named).toEqual([])
  })
})
