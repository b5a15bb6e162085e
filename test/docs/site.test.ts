import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { deadLinks } from '../../build/site/links.ts'
import { linkOf, pageOf, REPOSITORY, sidebar } from '../../build/site/pages.ts'

// What the site is made of. `site.browser.test.ts`, in the soak, builds it.

describe('the pages of the site', () => {
  it('are all listed in docs/README.md, which is the sidebar', async () => {
    const files = (await readdir(join(REPOSITORY, 'docs'))).filter((name) => name.endsWith('.md') && name !== 'README.md')
    const listed = sidebar().flatMap(({ items }) => items.map(({ link }) => link))
    expect(listed.filter((link, index) => listed.indexOf(link) !== index)).toEqual([])
    expect(files.filter((name) => !listed.includes(`/${name}`))).toEqual([])
    expect(listed).toEqual(expect.arrayContaining(['/index.md', '/abi.md', '/changelog.md', '/contributing.md']))
  })

  it.each([
    ['docs/fuel.md', 'limits.md#relations', '/limits.md#relations'],
    ['docs/fuel.md', '../scripts-wat/README.md#imports', '/abi.md#imports'],
    ['README.md', 'docs/README.md', '/contents.md'],
    ['docs/fuel.md', '#prices', '#prices'],
    ['docs/fuel.md', 'https://example.com/', 'https://example.com/'],
    ['build/site/api/bitscript/classes/History.md', '../index.md', '/api/bitscript/index.md'],
    // Files that are no pages.
    ['scripts-wat/README.md', 'mover.wat', undefined],
    ['docs/vite.md', '../demo/', undefined],
  ])('a link in %s to %s leads to %s', (file, link, target) => {
    expect(linkOf(file, link)).toBe(target)
  })

  it('are no other files', () => {
    expect(['src/a.md', 'docs/site/a.md', 'docs/picture.png', 'demo/README.md'].map(pageOf)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('deadLinks', () => {
  it('names links to pages and headings that are not there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bitscript-site-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    await mkdir(join(folder, 'api'))
    const links = ['b.html', '/b', '/b.html#here', '#top', '/api/', 'https://example.com/', '/b.html#gone', './gone.html', '#gone']
    const html = links.map((link) => `<a class="link" href="${link}">text</a>`).join('')
    await writeFile(join(folder, 'a.html'), `<h1 id="top">${html}</h1>`)
    await writeFile(join(folder, 'b.html'), '<h2 id="here"></h2>')
    await writeFile(join(folder, 'api/index.html'), '<a href="/game/b.html#here">text</a>')
    expect(deadLinks(folder, '/game/')).toEqual(['a.html: /b.html#gone', 'a.html: ./gone.html', 'a.html: #gone'])
  })
})
