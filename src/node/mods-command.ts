import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describeModule, type GuestKind, type Manifest, ScriptError } from '../index.ts'
import { escapeLine } from '../printable.ts'
import { type CheckedFile, checkFile, mistakesOf } from './checked-file.ts'
import { formatChecked, formatMistake, KINDS } from './format-report.ts'
import { type Dependency, dependenciesOf, type FoundMod, mistakesAmong, readMods, validManifests } from './mod-set.ts'
import { print, printJson, style } from './output.ts'
import { packMods } from './pack-mods.ts'
import { shortPath } from './short-path.ts'
import { importSimulation } from './simulation.ts'

/** A mod, as `mods list --json` prints it. */
export interface ListedMod {
  readonly file: string
  readonly name: string
  readonly version: string
  /** The kind of its module; `null` if the module cannot be read. */
  readonly guest: GuestKind | null
  readonly requires: readonly Dependency[]
}

/** Prints the mods of a folder. Resolves with the exit code: 1 if a manifest or its module cannot be read, or a mod requires what is not there. */
export async function listMods(folder: string, { json }: { readonly json: boolean }): Promise<number> {
  const mods = await readMods(resolve(folder))
  const manifests = validManifests(mods)
  const listed: ListedMod[] = []
  let mistakes = 0
  const report = (error: ScriptError, file: string): void => {
    mistakes++
    if (!json) print(formatMistake(error, file))
  }
  for (const { file, manifest } of mods) {
    if (manifest instanceof ScriptError) {
      report(manifest, file)
      continue
    }
    const guest = await kindOf(file, manifest).catch((error: ScriptError) => report(error, file))
    const { name, version } = manifest
    listed.push({ file: shortPath(file), name, version, guest: guest ?? null, requires: dependenciesOf(manifest, manifests) })
  }
  if (json) printJson(listed)
  else if (listed.length > 0) print(formatListed(listed))
  const isMet = listed.every(({ requires }) => requires.every(({ state }) => state === 'met'))
  return mistakes === 0 && isMet ? 0 : 1
}

async function kindOf(file: string, { guest }: Manifest): Promise<GuestKind> {
  return guest ?? (await describeModule(pathToFileURL(file))).guest
}

const STATES: Readonly<Record<Dependency['state'], (dependency: Dependency) => string>> = {
  met: ({ name, range }) => `${escapeLine(name)} ${escapeLine(range)} ${style.green('✓')}`,
  missing: ({ name, range }) => `${escapeLine(name)} ${escapeLine(range)} ${style.red('✗ is not here')}`,
  unmet: ({ name, range, version }) => `${escapeLine(name)} ${escapeLine(range)} ${style.red(`✗ is ${version}`)}`,
  circular: ({ name, range }) => `${escapeLine(name)} ${escapeLine(range)} ${style.red('✗ requires it, too')}`,
}

function formatListed(listed: readonly ListedMod[]): string {
  const rows = listed.map(({ name, version, guest }) => [escapeLine(name), version, guest === null ? '?' : KINDS[guest]])
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return listed
    .map(({ requires }, index) => {
      const [name = '', ...others] = (rows[index] ?? []).map((cell, column) => cell.padEnd(widths[column] ?? 0))
      const needs = requires.map((each) => STATES[each.state](each)).join(', ')
      return `${style.bold(name)}  ${others.join('  ')}${needs === '' ? '' : `  requires ${needs}`}`.trimEnd()
    })
    .join('\n')
}

/** Options of {@link checkMods}. */
export interface CheckModsOptions {
  /** The path of a simulation whose components and host functions the mods are linked against. */
  readonly sim?: string
  readonly json: boolean
}

/**
 * Checks the manifests of a folder, their modules, and what they require of each other, and prints every mistake. Resolves with the exit code: 1 if there
 * is one.
 */
export async function checkMods(folder: string, { sim, json }: CheckModsOptions): Promise<number> {
  const create = sim === undefined ? undefined : await importSimulation(resolve(sim))
  const runtime = (await create?.({ seed: 0 }))?.runtime
  const results: CheckedFile[] = []
  try {
    const mods = await readMods(resolve(folder))
    for (const mod of mods) {
      const result = await checkMod(mod, validManifests(mods), runtime)
      results.push(result)
      if (!json) print(formatChecked(result))
    }
  } finally {
    runtime?.dispose()
  }
  if (json) printJson(results)
  return results.every(({ ok }) => ok) ? 0 : 1
}

async function checkMod(
  { file, manifest }: FoundMod,
  all: readonly Manifest[],
  runtime: Parameters<typeof checkFile>[2],
): Promise<CheckedFile> {
  const name = shortPath(file)
  if (manifest instanceof ScriptError) return { file: name, ok: false, mistakes: mistakesOf(manifest, name) }
  const checked = await checkFile(name, pathToFileURL(file), runtime)
  const mistakes = [...checked.mistakes, ...mistakesAmong(manifest, all).flatMap((error) => mistakesOf(error, name))]
  return { ...checked, ok: mistakes.length === 0, mistakes }
}

/** Writes the mods of a folder to another one, as a server can offer them. Resolves with the exit code: 1 if there is a mistake, and nothing is written. */
export async function packModsInto(folder: string, output: string): Promise<number> {
  const packed = await packMods(resolve(folder), resolve(output))
  if (packed.mistakes.length > 0) {
    for (const { file, error } of packed.mistakes) print(formatMistake(error, file))
    return 1
  }
  for (const { name, version, files, bytes } of packed.mods)
    print(`${style.green('✓')} ${style.bold(escapeLine(name))} ${version}  ${files} ${files === 1 ? 'file' : 'files'}, ${bytes} bytes`)
  for (const warning of packed.warnings) print(`${style.yellow('!')} ${escapeLine(warning)}`)
  print(`${style.bold(shortPath(packed.index))} names ${packed.mods.length === 1 ? 'it' : `all ${packed.mods.length}`}`)
  return 0
}
