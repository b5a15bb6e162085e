import { stat } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { sameBytes } from '../bytes.ts'
import { readScriptFile } from '../files/read-script-file.ts'
import { compileFile } from '../files/read-source.ts'
import type { ScriptId, ScriptInfo, WasmScriptRuntime } from '../index.ts'

/** Follows the scripts of a runtime to their files' new names. */
export interface Renames {
  /**
   * Resolves with the script whose file was renamed to `file`: its own file is gone, and this one has the same content. The
   * script is then one of `file`. Resolves with `undefined` if there is none.
   */
  follow(file: string): Promise<{ readonly script: ScriptInfo; readonly from: string; readonly content: Uint8Array } | undefined>
  /** Resolves when the content of each script's file is known. */
  readonly ready: Promise<void>
  /** Forgets the scripts. */
  close(): void
}

/** Milliseconds after which a missing file counts as gone. */
const ABSENCE = 100

/** Remembers the content of each script's file, from now on. */
export function trackRenames(runtime: WasmScriptRuntime, wait: (milliseconds: number) => Promise<void>): Renames {
  const contents = new Map<ScriptId, Uint8Array>()
  const remember = async (script: ScriptInfo | undefined): Promise<void> => {
    const content = script === undefined ? undefined : await read(fileOf(script), script.limits.moduleBytes)
    if (script !== undefined && content !== undefined) contents.set(script.id, content)
  }
  const ready = Promise.all(runtime.scripts().map(remember)).then(() => undefined)
  const offs = [
    runtime.on('load', (script) => void remember(script)),
    runtime.on('reload', ({ script }) => void remember(runtime.find(script))),
    runtime.on('unload', ({ id }) => void contents.delete(id)),
  ]
  return {
    ready,
    async follow(file) {
      const lost: ScriptInfo[] = []
      for (const script of runtime.scripts()) if (contents.has(script.id) && !(await exists(fileOf(script)))) lost.push(script)
      const content = lost.length === 0 ? undefined : await read(file, Math.max(...lost.map(({ limits }) => limits.moduleBytes)))
      const script = content && lost.find(({ id }) => sameBytes(contents.get(id) ?? new Uint8Array(), content))
      if (script === undefined || content === undefined) return undefined
      const from = fileOf(script) ?? ''
      // An editor may delete a file before it writes it.
      await wait(ABSENCE)
      if (await exists(from)) return undefined
      await runtime.reloadModule(script.id, { url: pathToFileURL(file), content: await compileFile(file, content) }, { preserve: 'auto' })
      return { script, from, content }
    },
    close() {
      for (const off of offs) off()
      contents.clear()
    },
  }
}

function fileOf({ url }: ScriptInfo): string | undefined {
  return url?.protocol === 'file:' ? fileURLToPath(url) : undefined
}

async function read(file: string | undefined, limit: number): Promise<Uint8Array | undefined> {
  // A file that may not be read is reported by the reloader.
  return file === undefined ? undefined : readScriptFile(file, limit).catch(() => undefined)
}

async function exists(file: string | undefined): Promise<boolean> {
  return file !== undefined && (await stat(file).catch(() => undefined)) !== undefined
}
