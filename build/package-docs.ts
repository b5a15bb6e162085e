import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

// The README and the pages of the package are those of the repository without what needs a clone. npm packs the files where they are, so `prepack` writes
// those of the package there, and `postpack` puts the others back.

/** Parts of a page that need a clone of the repository. */
const REPOSITORY_PART = /<!-- repository: .*-->\n[\s\S]*?<!-- end -->\n+/g
/** A picture in a paragraph of its own. */
const PICTURE = /^ *!\[[^\]]*\]\(([^)]+)\)\n\n/gm
/** Code, in which nothing is a link; or a link, whose text may have code and brackets. */
const CODE_OR_LINK = /^```[\s\S]*?^```$|`[^`\n]*`|\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/gm

/**
 * Returns a page of the package: without the parts for a clone, and without links to files and pictures that are not packed. Of a link, the text stays.
 * `file` is the page's path in the repository, and `packed` what package.json lists as files.
 */
export function packageDoc(file: string, text: string, packed: readonly string[]): string {
  const isDead = (link: string): boolean => !/^(?:[a-z]+:|#)/.test(link) && !isPacked(posix.join(posix.dirname(file), link), packed)
  return text
    .replace(REPOSITORY_PART, '')
    .replace(PICTURE, (picture, link: string) => (isDead(link) ? '' : picture))
    .replace(CODE_OR_LINK, (whole, shown: string, link?: string) => (link !== undefined && isDead(link) ? shown : whole))
}

function isPacked(link: string, packed: readonly string[]): boolean {
  const [target = ''] = link.split('#')
  const isIn = (entry: string): boolean => target === entry || target.startsWith(`${entry}/`)
  // npm packs the README without being told.
  return isIn('README.md') || (packed.some(isIn) && !packed.some((entry) => entry.startsWith('!') && isIn(entry.slice(1))))
}

const ROOT = fileURLToPath(new URL('../', import.meta.url))
/** The files of the repository that the package has otherwise, while npm packs. They stay if npm is stopped. */
const KEPT = `${ROOT}build/repository-docs/`

/** Resolves with what of the repository has another text in the package: the README, and pages. */
async function pages(): Promise<string[]> {
  const names = (await readdir(`${ROOT}docs`)).filter((name) => name.endsWith('.md'))
  return ['README.md', 'scripts-wat/README.md', ...names.map((name) => `docs/${name}`)].filter((file) => existsSync(ROOT + file))
}

/** Puts the files of the repository back. Throws if one was edited since an `npm pack` that was stopped wrote the package's. */
async function restore(packed: readonly string[]): Promise<void> {
  const kept = (await pages()).filter((file) => existsSync(KEPT + file))
  for (const file of kept) {
    const [before, now] = await Promise.all([readFile(KEPT + file, 'utf8'), readFile(ROOT + file, 'utf8')])
    if (now !== before && now !== packageDoc(file, before, packed))
      throw new Error(
        `${file} was edited since an npm pack was stopped. Make its edits in build/repository-docs/${file}, and put that in its place`,
      )
  }
  for (const file of kept) await rename(KEPT + file, ROOT + file)
  await rm(KEPT, { recursive: true, force: true })
}

/** Writes the pages of the package in the place of those of the repository, which it keeps. */
async function write(packed: readonly string[]): Promise<void> {
  for (const file of await pages()) {
    const text = await readFile(ROOT + file, 'utf8')
    const shipped = packageDoc(file, text, packed)
    if (shipped === text) continue
    await mkdir(dirname(KEPT + file), { recursive: true })
    await writeFile(KEPT + file, text)
    await writeFile(ROOT + file, shipped)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { files } = JSON.parse(await readFile(`${ROOT}package.json`, 'utf8')) as { files: string[] }
  await restore(files)
  if (process.argv[2] !== 'restore') await write(files)
}
