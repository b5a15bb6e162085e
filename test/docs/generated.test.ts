import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ERROR_SENTENCES } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { GENERATED_PAGES, withErrors, withNumbers } from '../../build/docs.ts'
import { REPOSITORY } from '../fixtures/project.ts'

describe('pages with generated parts', () => {
  // If one fails: npm run docs:generate.
  it.each(Object.entries(GENERATED_PAGES))('%s is as `npm run docs:generate` writes it', async (file, generate) => {
    const page = await readFile(join(REPOSITORY, file), 'utf8')
    expect(page).toBe(generate(page))
  })

  it('docs/errors.md has a section with cause and cure for every code', async () => {
    const page = await readFile(join(REPOSITORY, 'docs/errors.md'), 'utf8')
    const sections = page.split(/^### /m).slice(1)
    expect(sections.map((section) => section.split('\n')[0])).toEqual(Object.keys(ERROR_SENTENCES))
    for (const section of sections) {
      const [code = ''] = section.split('\n')
      expect(section).toMatch(/\*\*Cause\.\*\* [A-Z`].*\.\n\n\*\*Cure\.\*\* [A-Z].*\./)
      expect(section).toContain(ERROR_SENTENCES[code as keyof typeof ERROR_SENTENCES])
    }
  })

  it('a code without a docstring, and a row or a value that is missing, are errors', () => {
    const table = '| limit | default |\n| ----- | ------: |\n| `fuel` |  10 |\n\n'
    expect(withNumbers(table, 'limit', { fuel: 2 }, String)).toContain('| `fuel` |   2 |')
    expect(() => withNumbers(table, 'limit', { fuel: 1, pages: 2 }, String)).toThrow("no row for 'pages'")
    expect(() => withNumbers(table, 'limit', {}, String)).toThrow("a row for 'fuel', which is gone")
    expect(() => withErrors('', '')).toThrow('no docstring of InvalidText')
  })
})
