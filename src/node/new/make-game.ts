import { stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ScriptError } from '../../index.ts'
import { writeFailed } from '../file-error.ts'
import { entriesOf } from '../folder-entries.ts'
import type { LanguageName } from '../language-option.ts'
import { makeFolder } from '../make-folder.ts'
import { shortPath } from '../short-path.ts'
import { dependencyOn } from './origin.ts'
import { checkPackageName } from './package-name.ts'
import { fillTemplate, readTemplate, type TemplateFiles } from './template.ts'

/** Options of `bitscript new`. */
export interface NewOptions {
  /** The language of the scripts. One script is in WAT in any case. */
  readonly lang: LanguageName
  /** Make a page with Vite, and not only a game without a screen. */
  readonly vite: boolean
}

/** What a folder may contain that becomes a game: a repository without files. */
const HARMLESS: readonly string[] = ['.git']

/**
 * Makes a game in a folder that does not exist, or is empty, from the templates of the package at `root`. Installs nothing.
 *
 * @throws {ScriptError} InvalidOptions if npm refuses the name of the folder, the folder is not empty, or a file cannot be written
 */
export async function makeGame(root: string, folder: string, { lang, vite }: NewOptions): Promise<void> {
  const name = basename(folder)
  const layers = ['base', vite ? 'vite' : 'node', lang]
  const { files, manifest } = await readTemplate(layers.map((layer) => join(root, 'templates', layer)))
  checkPackageName(name, ['bitscript', ...Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })])
  await checkEmpty(folder)
  await write(folder, fillTemplate(files, manifest, name, await dependencyOn(root, folder)))
}

async function checkEmpty(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined)
  if (found === undefined) return
  if (!found.isDirectory()) throw new ScriptError('InvalidOptions', `${shortPath(folder)} is a file: name a folder that does not exist`)
  const other = (await entriesOf(folder)).find(({ name }) => !HARMLESS.includes(name))
  if (other !== undefined)
    throw new ScriptError(
      'InvalidOptions',
      `the folder ${shortPath(folder)} is not empty: it has ${other.name}, and nothing is overwritten. Name a folder that does not exist`,
    )
}

async function write(folder: string, files: TemplateFiles): Promise<void> {
  for (const [path, text] of files) {
    const file = join(folder, path)
    try {
      await makeFolder(dirname(file))
      // A file that someone else made in the meantime is kept.
      await writeFile(file, text, { flag: 'wx' })
    } catch (cause) {
      throw writeFailed(file, cause)
    }
  }
}
