import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { REPOSITORY } from '../fixtures/project.ts'

const page = readFileSync(join(REPOSITORY, 'docs/hosting-mods.md'), 'utf8')
const [, table = ''] = page.split('## Threats')
const threats = [...table.matchAll(/^\| .* \| `(test\/[^`]+)`: (.+?) +\|$/gm)].map(([, file, title]) => [title, file])

it('the table of threats names more than twenty', () => {
  expect(threats.length).toBeGreaterThan(20)
})

it.each(threats)('the test "%s" of the table of threats is in %s', (title = '', file = '') => {
  expect(readFileSync(join(REPOSITORY, file), 'utf8')).toContain(title)
})
