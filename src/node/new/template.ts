import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

/** The files of a game, by their paths with `/`. */
export type TemplateFiles = ReadonlyMap<string, string>

/** Files whose names npm leaves out of a package, or reads itself. */
const RENAMED: Readonly<Record<string, string>> = { gitignore: '.gitignore' }
const NAME = /\{\{name\}\}/g

/** A package.json, as far as layers add to it. */
export interface PackageJson {
  name?: string
  scripts?: Record<string, string>
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

/** Resolves with a template: the files of several folders, of which a later one adds to a package.json, and replaces any other file. */
export async function readTemplate(folders: readonly string[]): Promise<{ readonly files: TemplateFiles; readonly manifest: PackageJson }> {
  const files = new Map<string, string>()
  let manifest: PackageJson = {}
  for (const folder of folders) {
    for (const path of await filesIn(folder)) {
      const text = await readFile(join(folder, path), 'utf8')
      if (path === 'package.json') manifest = merge(manifest, JSON.parse(text) as PackageJson)
      else files.set(RENAMED[path] ?? path, text)
    }
  }
  return { files, manifest }
}

/** Returns the files of a game: those of a template with the name of the game in them, and its package.json. */
export function fillTemplate(files: TemplateFiles, manifest: PackageJson, name: string, bitscript: string): TemplateFiles {
  const filled = new Map([...files].map(([path, text]) => [path, text.replace(NAME, () => name)]))
  const whole: PackageJson = { ...manifest, name, dependencies: sorted({ ...manifest.dependencies, bitscript }) }
  return filled.set('package.json', `${JSON.stringify(whole, undefined, 2)}\n`)
}

/** Resolves with the paths of the files in a folder and its subfolders, with `/`. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
}

function merge(base: PackageJson, layer: PackageJson): PackageJson {
  return {
    ...base,
    ...layer,
    scripts: { ...base.scripts, ...layer.scripts },
    dependencies: sorted({ ...base.dependencies, ...layer.dependencies }),
    devDependencies: sorted({ ...base.devDependencies, ...layer.devDependencies }),
  }
}

function sorted(packages: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(packages).sort(([one], [other]) => (one < other ? -1 : 1)))
}
