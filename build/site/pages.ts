import { readFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

// Which files of the repository are pages of the site, and where.

export const REPOSITORY: string = fileURLToPath(new URL('../../', import.meta.url))
/** Where TypeDoc writes the reference of the API. */
const API = 'build/site/api/'

/** Pages outside of docs/, by their file in the repository. */
const OTHER_PAGES: Readonly<Record<string, string>> = {
  'README.md': 'index.md',
  'docs/README.md': 'contents.md',
  'scripts-wat/README.md': 'abi.md',
  'CHANGELOG.md': 'changelog.md',
  'CONTRIBUTING.md': 'contributing.md',
}

/** Returns the page of the site that a file of the repository is, such as `actors.md`; `undefined` if it is none. */
export function pageOf(file: string): string | undefined {
  if (Object.hasOwn(OTHER_PAGES, file)) return OTHER_PAGES[file]
  if (file.startsWith(API)) return `api/${file.slice(API.length)}`
  return /^docs\/[^/]+\.md$/.exec(file) === null ? undefined : file.slice('docs/'.length)
}

/**
 * Returns what a link in a file of the repository becomes on the site: a page with its anchor, or the same link if it leads elsewhere. Returns
 * `undefined` if it leads to a file that is no page.
 */
export function linkOf(file: string, link: string): string | undefined {
  if (/^(?:[a-z]+:|#|\/)/.test(link)) return link
  const [path = '', anchor] = link.split('#')
  const page = pageOf(posix.join(dirname(file), decodeURI(path)))
  if (page === undefined) return undefined
  return `/${page}${anchor === undefined ? '' : `#${anchor}`}`
}

/** Returns the anchor of a heading, as forges make it. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')
}

/** A group of the site's sidebar. */
export interface SidebarGroup {
  readonly text: string
  readonly items: { readonly text: string; readonly link: string }[]
}

/** Returns the sidebar: the lists of docs/README.md. */
export function sidebar(): SidebarGroup[] {
  const file = 'docs/README.md'
  const [, ...sections] = readFileSync(join(REPOSITORY, file), 'utf8').split(/^## /m)
  return sections.map((section) => ({
    text: section.split('\n')[0] ?? '',
    items: [...section.matchAll(/^- \[(.*?)\]\((.*?)\)/gm)].map(([, text = '', target = '']) => {
      const link = linkOf(file, target)
      if (link === undefined) throw new Error(`${file} lists ${target}, which is no page of the site`)
      return { text, link }
    }),
  }))
}

/** What the site needs of a token of markdown-it. */
interface Token {
  readonly type: string
  readonly children: Token[] | null
  attrGet(name: string): string | null
  attrSet(name: string, value: string): void
}

/** Rewrites the links of a page. Of a link to a file that is no page, the text stays. */
export function rewriteLinks(tokens: readonly Token[], absoluteFile: string): void {
  const file = relative(REPOSITORY, absoluteFile).replaceAll('\\', '/')
  for (const { children } of tokens) {
    if (children === null) continue
    const kept: Token[] = []
    const isRemoved: boolean[] = []
    for (const token of children) {
      if (token.type === 'link_open') {
        const link = linkOf(file, token.attrGet('href') ?? '')
        isRemoved.push(link === undefined)
        if (link === undefined) continue
        token.attrSet('href', link)
      }
      if (token.type === 'link_close' && isRemoved.pop() === true) continue
      kept.push(token)
    }
    children.splice(0, children.length, ...kept)
  }
}
