import satisfies from 'semver/functions/satisfies.js'
import { type Manifest, ScriptError } from '../index.ts'
import { suggest } from '../nearest-name.ts'
import { manifestsAt, readManifest } from './mod-manifests.ts'

/** A manifest in a folder. */
export interface FoundMod {
  readonly file: string
  /** The manifest, or what is wrong with it. */
  readonly manifest: Manifest | ScriptError
}

/** What a mod requires of another, by `state`. */
export interface Dependency {
  readonly name: string
  /** The semver range. */
  readonly range: string
  /** `'circular'` if the other mod requires this one, by itself or through others. */
  readonly state: 'met' | 'missing' | 'unmet' | 'circular'
  /** The version that is there. */
  readonly version?: string
}

/** Resolves with the manifests at a path, in the order of their files. Rejects with `LoadFailed` if there are none. */
export async function readMods(path: string): Promise<FoundMod[]> {
  const mods: FoundMod[] = []
  for (const file of await manifestsAt(path)) {
    try {
      mods.push({ file, manifest: await readManifest(file) })
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error
      mods.push({ file, manifest: error })
    }
  }
  return mods
}

/** Returns the manifests without a mistake. */
export function validManifests(mods: readonly FoundMod[]): Manifest[] {
  return mods.flatMap(({ manifest }) => (manifest instanceof ScriptError ? [] : [manifest]))
}

/** Returns what a mod requires of the others, and whether they are that. */
export function dependenciesOf({ name, requires }: Manifest, all: readonly Manifest[]): Dependency[] {
  return Object.entries(requires?.mods ?? {}).map(([wanted, range]) => {
    const found = all.find((each) => each.name === wanted)
    if (found === undefined) return { name: wanted, range, state: 'missing' }
    const { version } = found
    if (reaches(found, name, all)) return { name: wanted, range, state: 'circular', version }
    return { name: wanted, range, state: satisfies(version, range) ? 'met' : 'unmet', version }
  })
}

/** Returns whether a mod requires another, by itself or through others, or is it. */
function reaches(from: Manifest, name: string, all: readonly Manifest[], seen: Set<string> = new Set()): boolean {
  if (from.name === name) return true
  if (seen.has(from.name)) return false
  seen.add(from.name)
  return Object.keys(from.requires?.mods ?? {}).some((next) => all.some((each) => each.name === next && reaches(each, name, all, seen)))
}

/** Returns what is wrong with a mod beside the others: a name that is taken, and what it requires. */
export function mistakesAmong(manifest: Manifest, all: readonly Manifest[]): ScriptError[] {
  const { name } = manifest
  const twice = all.filter((each) => each.name === name).length > 1
  const unmet = dependenciesOf(manifest, all).filter(({ state }) => state !== 'met')
  return [
    ...(twice ? [new ScriptError('DuplicateName', `another manifest here has the name '${name}', too`)] : []),
    ...unmet.map((dependency) => new ScriptError('DependencyUnmet', `it requires ${describeUnmet(dependency, all)}`)),
  ]
}

function describeUnmet({ name, range, state, version }: Dependency, all: readonly Manifest[]): string {
  const wanted = `'${name}' ${range}`
  if (state === 'circular') return `${wanted}, which requires it: one of them must do without the other`
  if (state === 'unmet') return `${wanted}, and the one here is ${version}`
  return `${wanted}, which is not here${suggest(
    name,
    all.map((each) => each.name),
  )}`
}
