import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { anchorOf } from '../../build/site/pages.ts'
import { REPOSITORY } from '../fixtures/project.ts'

const PAGES = [
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'README.md',
  'scripts-wat/README.md',
  ...readdirSync(join(REPOSITORY, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

/** The game that docs/first-game.md begins with. */
const GAME = join(REPOSITORY, 'templates/base')

/** Folders of the repository: text in backticks that begins with one is a path. */
const PATH = /^(?:build|demo|docs|scripts-wat|src|test)\/[\w./-]*$/

/** Removes blocks of code. */
function prose(page: string): string {
  return readFileSync(join(REPOSITORY, page), 'utf8').replace(/^```[\s\S]*?^```/gm, '')
}

/** Paths in backticks. */
function pathsOf(page: string): string[] {
  return [...prose(page).matchAll(/`([^`\n]+)`/g)].map(([, text]) => text as string).filter((text) => PATH.test(text))
}

/** Files that links name, from the repository's folder. */
function linksOf(page: string): string[] {
  const links = [...prose(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target]) => target as string)
  return links.filter((target) => !target.includes(':')).map((target) => join(dirname(page), target))
}

/** Links to a heading, as a page and the heading's anchor. */
function anchorsOf(page: string): { readonly page: string; readonly anchor: string }[] {
  return [...prose(page).matchAll(/\]\(([^)#\s:]*)#([^)]+)\)/g)].map(([, target = '', anchor = '']) => ({
    page: target === '' ? page : join(dirname(page), target),
    anchor,
  }))
}

/** The anchors of a page's headings. */
function headings(page: string): string[] {
  return [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, text = '']) => anchorOf(text))
}

describe.each(PAGES)('%s', (page) => {
  it('names files that exist', () => {
    const folders = page === 'docs/first-game.md' ? [REPOSITORY, GAME] : [REPOSITORY]
    const missing = [...pathsOf(page), ...linksOf(page)].filter((path) => !folders.some((folder) => existsSync(join(folder, path))))
    expect(missing).toEqual([])
  })

  it('has a heading above every column of its tables, which readers of screens say', () => {
    expect(prose(page).match(/^.*\| +\|.*\n\| *:?-+/gm) ?? []).toEqual([])
  })

  it('links to headings that exist', () => {
    const missing = anchorsOf(page).filter(({ page: target, anchor }) => !headings(target).includes(anchor))
    expect(missing).toEqual([])
  })
})

it('finds the paths of the architecture', () => {
  expect(pathsOf('docs/architecture.md').length).toBeGreaterThan(50)
})

/** Names of functions and the like in backticks, each with the file in backticks that the page names for it: `install` (`src/…`), or in it. */
function placedNames(page: string): { readonly name: string; readonly file: string }[] {
  const text = prose(page).replace(/\s+/g, ' ')
  return [...text.matchAll(/`([A-Za-z]\w*)` (?:\(|in )`(src\/[\w./-]+\.ts)`/g)].map(([, name = '', file = '']) => ({ name, file }))
}

/** Other words in backticks that look like names of the code. */
function codeNames(page: string): string[] {
  return [...prose(page).matchAll(/`([a-z]+[A-Z]\w*)`/g)].map(([, name = '']) => name)
}

it.each(['CONTRIBUTING.md', 'docs/architecture.md'])('%s says in which file each name is', (page) => {
  const placed = placedNames(page)
  const wrong = placed.filter(({ name, file }) => !new RegExp(`\\b${name}\\b`).test(readFileSync(join(REPOSITORY, file), 'utf8')))
  expect(wrong).toEqual([])
  expect(placed).not.toEqual([])
})

describe('the architecture', () => {
  it('names every folder of src/', () => {
    const page = prose('docs/architecture.md')
    const folders = readdirSync(join(REPOSITORY, 'src'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isDirectory())
    const missing = folders.filter(({ name }) => !page.includes(`\`${name}\``) && !page.includes(`${name}/`))
    expect(missing.map(({ name }) => name)).toEqual([])
  })

  it('uses names that the code has', () => {
    const files = readdirSync(join(REPOSITORY, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
    const source = files.map((file) => readFileSync(join(REPOSITORY, 'src', file), 'utf8')).join('\n')
    const missing = codeNames('docs/architecture.md').filter((name) => !new RegExp(`\\b${name}\\b`).test(source))
    expect(missing).toEqual([])
  })
})
