import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { withoutDebugInformation } from '../files/compilers/custom-sections.ts'
import { sourceCompilers } from '../files/compilers/registry.ts'
import { isSourceName } from '../files/compilers/source-languages.ts'
import { mayBeManifest, modulesOfManifest } from '../files/manifest-file.ts'
import { readScriptFile } from '../files/read-script-file.ts'
import { isComponent } from '../guest/component/container.ts'
import { DEFAULT_LIMITS, type Manifest, ScriptError } from '../index.ts'
import { writeFailed } from './file-error.ts'
import { makeFolder } from './make-folder.ts'
import { isFolder } from './mod-manifests.ts'
import { type FoundMod, mistakesAmong, readMods, validManifests } from './mod-set.ts'
import { shortPath } from './short-path.ts'

/** The result of {@link packMods}. */
export interface PackedMods {
  readonly mods: readonly PackedMod[]
  /** What is wrong, by manifest: then nothing is written. */
  readonly mistakes: readonly { readonly file: string; readonly error: ScriptError }[]
  /** What a person would want to know. */
  readonly warnings: readonly string[]
  /** The file that names all manifests. */
  readonly index: string
}

/** A mod that was packed. */
export interface PackedMod {
  readonly name: string
  readonly version: string
  /** The number of its files. */
  readonly files: number
  /** The length of all its files. */
  readonly bytes: number
}

/** The files of a mod, by their paths in the output folder. */
type ModFiles = ReadonlyMap<string, Uint8Array>

const utf8 = new TextEncoder()

/**
 * Copies the manifests of a folder, or one manifest, and their modules to another folder, with an index that names them all: what a server offers, and `Mods.load` loads from
 * its URL. The copies have the SHA-256 of their modules and no build; sources are compiled, and
 * components prepared, so that a page can load them.
 */
export async function packMods(path: string, output: string): Promise<PackedMods> {
  const isOne = mayBeManifest(path) && !(await isFolder(path))
  const folder = isOne ? dirname(path) : path
  if (output === folder || (!isOne && output.startsWith(folder + sep)))
    throw new ScriptError(
      'InvalidOptions',
      `--output ${shortPath(output)} is in the folder of the mods, whose copies would be mods of it, too`,
    )
  const found = await readMods(path)
  const manifests = validManifests(found)
  const written = new Map<string, Uint8Array>()
  const mods: PackedMod[] = []
  const mistakes: { file: string; error: ScriptError }[] = []
  const warnings: string[] = []
  for (const mod of found) {
    const { file, manifest } = mod
    if (manifest instanceof ScriptError) {
      mistakes.push({ file, error: manifest })
      continue
    }
    mistakes.push(...mistakesAmong(manifest, manifests).map((error) => ({ file, error })))
    try {
      const files = await filesOf({ file, manifest }, folder, warnings)
      for (const [path, content] of files) written.set(path, content)
      const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0)
      mods.push({ name: manifest.name, version: manifest.version, files: files.size, bytes })
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error
      mistakes.push({ file, error })
    }
  }
  const index = join(output, 'index.json')
  if (mistakes.length > 0) return { mods: [], mistakes, warnings, index }
  const urls = found.map(({ file }) => urlOf(placeIn(folder, file)))
  written.set('index.json', utf8.encode(`${JSON.stringify({ mods: urls }, undefined, 2)}\n`))
  for (const [path, content] of written) await write(join(output, path), content)
  return { mods, mistakes, warnings, index }
}

async function filesOf(
  { file, manifest }: FoundMod & { readonly manifest: Manifest },
  folder: string,
  warnings: string[],
): Promise<ModFiles> {
  const files = new Map<string, Uint8Array>()
  const source = await packedSource(file, manifest, folder, files, warnings)
  const { build: _, $schema, ...rest } = manifest
  // A path of this machine leads to nothing on a server.
  const schema = $schema !== undefined && URL.canParse($schema) ? { $schema } : {}
  files.set(placeIn(folder, file), utf8.encode(`${JSON.stringify({ ...schema, ...rest, source }, undefined, 2)}\n`))
  return files
}

/** Adds the module of a mod to its files. Resolves with the `source` of the copy. */
async function packedSource(
  file: string,
  { name, source }: Manifest,
  folder: string,
  files: Map<string, Uint8Array>,
  warnings: string[],
): Promise<Manifest['source']> {
  const { text, path, url = path, sha256 } = typeof source === 'string' ? { path: source } : source
  if (text !== undefined) return { text, sha256: hashOf(utf8.encode(text), sha256) }
  const place = new URL(url as string, pathToFileURL(file))
  if (place.protocol !== 'file:') {
    if (sha256 === undefined) warnings.push(`${name}: its module comes from ${place.href}, and the manifest says no sha256 of it`)
    return source
  }
  const module = fileURLToPath(place)
  if (isSourceName(module)) {
    const compiled = withoutDebugInformation(await sourceCompilers().compile(module))
    const target = `${module.replace(/\.\w+$/, '')}.wasm`
    files.set(placeIn(folder, target), compiled)
    return { path: urlOf(relative(dirname(file), target)), sha256: hashOf(compiled) }
  }
  const content = await read(module)
  const hash = hashOf(content, sha256)
  if (!isComponent(content)) {
    await addModule(module, content, folder, files)
    return { path: urlOf(relative(dirname(file), module)), sha256: hash }
  }
  const { prepareComponent } = await import('#prepare-component')
  const prepared = await prepareComponent(content)
  const target = `${module.replace(/\.wasm$/i, '')}.component.wasm`
  files.set(placeIn(folder, target), prepared)
  return { path: urlOf(relative(dirname(file), target)), sha256: hashOf(prepared) }
}

/** Adds a module to the files, and those that it names if it is the manifest of an Extism plugin. */
async function addModule(module: string, content: Uint8Array, folder: string, files: Map<string, Uint8Array>): Promise<void> {
  files.set(placeIn(folder, module), content)
  for (const { protocol, href } of mayBeManifest(module) ? (modulesOfManifest(content, pathToFileURL(module)) ?? []) : []) {
    if (protocol !== 'file:') continue
    const named = fileURLToPath(href)
    files.set(placeIn(folder, named), await read(named))
  }
}

async function read(file: string): Promise<Uint8Array<ArrayBuffer>> {
  const content = await readScriptFile(file, DEFAULT_LIMITS.moduleBytes)
  if (content === undefined) throw new ScriptError('LoadFailed', `there is no file ${shortPath(file)}`)
  return new Uint8Array(content)
}

/** Returns the SHA-256 of bytes, in hexadecimal. Throws `HashMismatch` if the manifest says another. */
function hashOf(content: Uint8Array, wanted?: string): string {
  const hash = createHash('sha256').update(content).digest('hex')
  if (wanted !== undefined && wanted.toLowerCase() !== hash)
    throw new ScriptError('HashMismatch', `the SHA-256 of the module is ${hash}, and the manifest says ${wanted}`)
  return hash
}

/** Returns the path of a file inside a folder. Throws `LoadFailed` for one outside. */
function placeIn(folder: string, file: string): string {
  const path = relative(folder, resolve(file))
  if (path.startsWith('..') || path === '')
    throw new ScriptError('LoadFailed', `${shortPath(file)} is outside of ${shortPath(folder)}, where all files of the mods must be`)
  return path
}

/** Returns a relative path as a URL. */
function urlOf(path: string): string {
  return path.split(sep).map(encodeURIComponent).join('/')
}

async function write(file: string, content: Uint8Array): Promise<void> {
  try {
    await makeFolder(dirname(file))
    await writeFile(file, content)
  } catch (cause) {
    throw writeFailed(file, cause)
  }
}
