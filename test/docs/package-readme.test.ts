import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { packageReadme } from '../../build/package-readme.ts'
import { REPOSITORY } from '../fixtures/project.ts'

// The soak packs it: `package-readme.soak.test.ts`.

it('the README of the package names no command that needs the repository', async () => {
  const readme = await readFile(join(REPOSITORY, 'README.md'), 'utf8')
  expect(readme).toMatch(/npm ci && npm run demo/)
  const shipped = packageReadme(readme)
  expect(shipped).not.toMatch(/npm ci|npm run|npm test|demo\//)
  expect(shipped).toContain('npm install bitscript bitecs')
  expect(shipped).toContain('Licence: MIT')
})
