import { existsSync, readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

/** An entry of the list that Vite writes for `build.license`. */
interface BundledPackage {
  readonly name: string
  readonly version: string
  /** Such as `MIT`. */
  readonly identifier?: string
  /** The licence itself. */
  readonly text?: string
}

/**
 * Replaces Vite's list of bundled packages, a JSON file of the build, by a page that has each text once, below all packages it belongs to.
 * Packages under the Apache licence have more than one: the licence, the notice, and for some the licences of what they are based on.
 */
export function licenses(list: string, page: string): Plugin {
  return {
    name: 'licenses',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const asset = bundle[list]
        if (asset?.type !== 'asset') throw new Error(`the build has no ${list}`)
        delete bundle[list]
        const packages = JSON.parse(asset.source.toString()) as readonly BundledPackage[]
        this.emitFile({ type: 'asset', fileName: page, source: licensePage(packages) })
      },
    },
  }
}

const PREFACE = `# Licences

This package bundles code of the packages below. A package is listed at each text that applies to it.
`

function licensePage(packages: readonly BundledPackage[]): string {
  const namesByText = new Map<string, string[]>()
  for (const { name, version, identifier, text = missingText(name) } of packages) {
    if (identifier === undefined || text === undefined) throw new Error(`${name} comes without a licence`)
    for (const part of [...text.split(/(?=^DEPENDENCIES & ATTRIBUTION$)/m), ...noticeOf(name)]) {
      const names = namesByText.get(part.trim()) ?? []
      names.push(`- ${name} ${version} (${identifier})`)
      namesByText.set(part.trim(), names)
    }
  }
  const sections = Array.from(namesByText, ([text, names]) => `${names.join('\n')}\n\n\`\`\`text\n${text}\n\`\`\`\n`)
  return [PREFACE, ...sections].join('\n')
}

/** Returns the licence of a package that comes without its text, from the repository of the package. */
function missingText(name: string): string | undefined {
  const file = new URL(`licenses/${name.replace('/', '+')}.txt`, import.meta.url)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

function noticeOf(name: string): readonly string[] {
  const file = new URL(`../node_modules/${name}/NOTICE`, import.meta.url)
  return existsSync(file) ? [readFileSync(file, 'utf8')] : []
}
