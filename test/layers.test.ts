import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { REPOSITORY } from './fixtures/project.ts'

/** Replaces another file under a condition of package.json, and so has its exports. */
const REPLACEMENTS = ['no-files.ts', 'no-prepare.ts']
/** Imported as a whole under one name, such as `OPCODE`. */
const NAMESPACES = [
  'opcode.ts',
  'vector-opcode.ts',
  'section.ts',
  'immediate.ts',
  'group-local.ts',
  'round-local.ts',
  'insertion-kinds.ts',
  'bulk-opcode.ts',
  'form.ts',
]

/** Returns what stands more than once in a list. */
function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))]
}

describe('names tell apart', () => {
  let files: string[]

  beforeAll(async () => {
    const found = await readdir(join(REPOSITORY, 'src'), { recursive: true })
    files = found.filter((file) => file.endsWith('.ts') && !['index.ts', ...REPLACEMENTS].includes(basename(file)))
  })

  it('the files of src/, in whatever folder', () => {
    expect(repeated(files.map((file) => basename(file)))).toEqual([])
  })

  it('what they export', async () => {
    const own = files.filter((file) => !NAMESPACES.includes(basename(file)))
    const texts = await Promise.all(own.map((file) => readFile(join(REPOSITORY, 'src', file), 'utf8')))
    // A value and a type of one file may share a name: `Snapshot`.
    const names = texts.flatMap((text) => [
      ...new Set([...text.matchAll(/^export (?:async )?(?:function\*?|class|interface|type|const) (\w+)/gm)].map(([, name = '']) => name)),
    ])
    expect(repeated(names)).toEqual([])
  })
})
