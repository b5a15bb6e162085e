import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageDoc } from '../../build/package-docs.ts'
import { REPOSITORY } from '../fixtures/project.ts'

// The soak packs them: `package-docs.soak.test.ts`.

const { files } = JSON.parse(await readFile(join(REPOSITORY, 'package.json'), 'utf8')) as { files: string[] }

describe('the pages of the package', () => {
  it('have a README that names no command that needs the repository', async () => {
    const readme = await readFile(join(REPOSITORY, 'README.md'), 'utf8')
    expect(readme).toMatch(/npm ci && npm run demo/)
    const shipped = packageDoc('README.md', readme, files)
    expect(shipped).not.toMatch(/npm ci|npm run|npm test|demo\//)
    expect(shipped).toContain('npm install bitscript bitecs')
    expect(shipped).toContain('Licence: MIT')
  })

  it.each([
    ['a page', 'see [Limits](limits.md#sizes)', undefined],
    ['a file that is packed', '[The ABI](../scripts-wat/README.md), [the README](../README.md), [news](../CHANGELOG.md)', undefined],
    ['a heading, or another site', '[above](#top), [bitECS](https://example.com)', undefined],
    ['a file that is not packed', 'see [the `demo`](../demo/sim/index.ts), too', 'see the `demo`, too'],
    ['a picture that is not packed', 'a\n\n![The page](pictures/page.png)\n\nb', 'a\n\nb'],
    ['what is no link but code', '`[a](../demo/)`\n\n```js\nlist[0](demo)\n```', undefined],
  ])('are right about %s', (_, text, shipped = text) => {
    expect(packageDoc('docs/page.md', text, ['docs', '!docs/pictures', 'scripts-wat', 'CHANGELOG.md'])).toBe(shipped)
  })

  it('lead to no file that is not packed', async () => {
    const names = (await readdir(join(REPOSITORY, 'docs'))).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)
    for (const file of ['README.md', 'scripts-wat/README.md', ...names]) {
      const shipped = packageDoc(file, await readFile(join(REPOSITORY, file), 'utf8'), files)
      expect(shipped, file).not.toMatch(/\]\((?:\.\.\/)?(?:demo|src|test|build|pictures|docs\/pictures|CONTRIBUTING)\b/)
    }
  })
})
