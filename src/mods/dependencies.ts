import satisfies from 'semver/functions/satisfies.js'
import { ScriptError } from '../errors.ts'
import { suggest } from '../nearest-name.ts'
import type { Manifest } from '../runtime/load/manifest/manifest.ts'

/** What others may require of a mod. */
export interface Requirable {
  readonly manifest: Manifest
  readonly isEnabled: boolean
}

/** Returns the names of the mods that a mod requires. */
function requiredBy({ requires }: Manifest): readonly string[] {
  return Object.keys(requires?.mods ?? {})
}

/** Throws `DependencyUnmet` if a mod requires another that is not there, is disabled, or has a version outside of the range. */
export function checkRequired({ name, requires }: Manifest, mods: ReadonlyMap<string, Requirable>): void {
  for (const [other, range] of Object.entries(requires?.mods ?? {})) {
    const found = mods.get(other)
    const why =
      found === undefined
        ? `there is none${suggest(other, othersThan(name, mods))}`
        : !found.isEnabled
          ? 'it is disabled'
          : satisfies(found.manifest.version, range)
            ? undefined
            : `its version is ${found.manifest.version}`
    if (why !== undefined) throw new ScriptError('DependencyUnmet', `it requires the mod '${other}' ${range}, and ${why}`, { script: name })
  }
}

/** Throws `DependencyUnmet`, which names them, if enabled mods require a mod. `doing` is what shall be done to it. */
export function checkUnneeded(name: string, doing: string, mods: ReadonlyMap<string, Requirable>): void {
  const users = [...mods]
    .filter(([, { manifest, isEnabled }]) => isEnabled && requiredBy(manifest).includes(name))
    .map(([user]) => `'${user}'`)
  if (users.length === 0) return
  throw new ScriptError('DependencyUnmet', `it cannot be ${doing}: ${users.join(', ')} ${users.length === 1 ? 'needs' : 'need'} it`, {
    script: name,
  })
}

/** Returns mods so that each comes after those that it requires, and as they were given otherwise. Throws `DependencyUnmet` for a circle. */
export function inOrder<Mod>(mods: ReadonlyMap<string, Mod>, manifestOf: (mod: Mod) => Manifest): readonly Mod[] {
  const ordered = new Set<Mod>()
  const visit = (name: string, path: readonly string[]): void => {
    const mod = mods.get(name)
    if (mod === undefined || ordered.has(mod)) return
    const start = path.indexOf(name)
    if (start >= 0) {
      const circle = [...path.slice(start), name].map((each) => `'${each}'`).join(' → ')
      throw new ScriptError('DependencyUnmet', `mods require each other in a circle: ${circle}; one of them must do without the next`, {
        script: name,
      })
    }
    for (const required of requiredBy(manifestOf(mod))) visit(required, [...path, name])
    ordered.add(mod)
  }
  for (const name of mods.keys()) visit(name, [])
  return [...ordered]
}

function othersThan(name: string, mods: ReadonlyMap<string, unknown>): string[] {
  return [...mods.keys()].filter((each) => each !== name)
}
