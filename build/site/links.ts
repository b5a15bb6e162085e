import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

/**
 * Returns the links of a built site that lead to a page or a heading that it does not have, such as `faq.html: limits.html#relation`. `base` is the
 * path that the site is served at.
 */
export function deadLinks(folder: string, base = '/'): string[] {
  const files = new Set(readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => file.replaceAll('\\', '/')))
  const pages = new Map([...files].filter((file) => file.endsWith('.html')).map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
  const anchors = new Map([...pages].map(([file, html]) => [file, anchorsOf(html)]))
  const isDead = (file: string, link: string): boolean => {
    const [path = '', anchor = ''] = link.split('#').map(decodeURIComponent)
    const target = targetOf(file, path.startsWith(base) ? `/${path.slice(base.length)}` : path, files)
    if (target === undefined) return true
    return anchor !== '' && anchors.has(target) && anchors.get(target)?.has(anchor) !== true
  }
  return [...pages].flatMap(([file, html]) =>
    localLinks(html)
      .filter((link) => isDead(file, link))
      .map((link) => `${file}: ${link}`),
  )
}

/** Returns the file that a path leads to; `undefined` if there is none. */
function targetOf(file: string, path: string, files: ReadonlySet<string>): string | undefined {
  const target = posix.join('/', path === '' ? file : path.startsWith('/') ? path : join(posix.dirname(file), path)).slice(1)
  return [target, `${target}.html`, posix.join(target, 'index.html')].find((each) => files.has(each) && each !== '')
}

function anchorsOf(html: string): Set<string> {
  return new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id = '']) => withoutEntities(id)))
}

function localLinks(html: string): string[] {
  const links = [...html.matchAll(/<a\s[^>]*?href="([^"]*)"/g)].map(([, link = '']) => withoutEntities(link))
  return links.filter((link) => !/^[a-z]+:/.test(link))
}

function withoutEntities(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&amp;', '&')
}
