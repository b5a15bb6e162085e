import { extname } from 'node:path'

/** Returns whether a file may be the manifest of an Extism plugin or of a mod: whether it is JSON. */
export function mayBeManifest(file: string): boolean {
  return extname(file).toLowerCase() === '.json'
}

/**
 * Returns the URLs of the modules that the manifest of an Extism plugin or of a mod names; `undefined` for any other JSON. Text that is not
 * JSON, but seems to be meant as a manifest, names none.
 */
export function modulesOfManifest(content: Uint8Array, url: URL): readonly URL[] | undefined {
  const text = new TextDecoder().decode(content)
  const isMod = url.pathname.toLowerCase().endsWith('.script.json')
  let manifest: unknown
  try {
    manifest = JSON.parse(text)
  } catch {
    return isMod || /^\s*\{[\s\S]*"wasm"\s*:/.test(text) ? [] : undefined
  }
  if (isMod) return moduleOfMod(manifest, url)
  if (typeof manifest !== 'object' || manifest === null || !('wasm' in manifest)) return undefined
  const modules: readonly unknown[] = Array.isArray(manifest.wasm) ? manifest.wasm : []
  return modules.flatMap((each) => {
    const { path, url: at = path } = (each ?? {}) as { readonly path?: unknown; readonly url?: unknown }
    return typeof at === 'string' && URL.canParse(at, url) ? [new URL(at, url)] : []
  })
}

/** Returns the URL of the module that the manifest of a mod names, if it is at one. */
function moduleOfMod(manifest: unknown, url: URL): readonly URL[] {
  const { source } = (manifest ?? {}) as { readonly source?: unknown }
  const { path, url: at = path } = (typeof source === 'string' ? { url: source } : (source ?? {})) as Record<string, unknown>
  return typeof at === 'string' && URL.canParse(at, url) ? [new URL(at, url)] : []
}
