import { readFile, rename, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

// The README of the package is that of the repository without what needs a clone. `npm pack` takes README.md, so `prepack` writes the package's there and
// `postpack` puts the other back.

/** Parts of the README that need a clone of the repository. */
const REPOSITORY_PART = /<!-- repository: .*-->\n[\s\S]*?<!-- end -->\n+/g

/** Returns the README of the package. */
export function packageReadme(readme: string): string {
  return readme.replace(REPOSITORY_PART, '')
}

const path = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url))
const README = path('README.md')
/** The README of the repository, while npm packs. Not beside the other: npm packs every README of this folder. It stays if npm is stopped. */
const KEPT = path('build/repository-readme.md')

/** Returns the README of the repository, also if npm was stopped before it put it back. */
async function repositoryReadme(): Promise<string> {
  const readme = await readFile(README, 'utf8')
  if (packageReadme(readme) !== readme) return readme
  const kept = await readFile(KEPT, 'utf8').catch(() => '')
  if (packageReadme(kept) === readme) return kept
  throw new Error(
    'README.md has no parts for the repository: an earlier npm pack was stopped, and it was edited since. Put them back from git',
  )
}

if (process.argv[1] === path('build/package-readme.ts')) {
  if (process.argv[2] === 'restore') await rename(KEPT, README)
  else {
    const readme = await repositoryReadme()
    await writeFile(KEPT, readme)
    await writeFile(README, packageReadme(readme))
  }
}
