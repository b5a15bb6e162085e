import { stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { readScriptFile } from '../files/read-script-file.ts'
import { isComponent } from '../guest/component/container.ts'
import { ScriptError } from '../index.ts'
import { escapeLine } from '../printable.ts'
import { formatMistake, shortPath } from './format-report.ts'
import { print, style } from './output.ts'

/** Options of `bitscript build`. */
export interface BuildOptions {
  /** The file to write to, or a folder. @default beside the component, as `name.component.wasm` */
  readonly output?: string
}

/** Prepares components, so that they load where nothing can read components, such as in a page. Resolves with the exit code: 1 if there is a mistake. */
export async function build(files: readonly string[], { output }: BuildOptions): Promise<number> {
  const isFolder = output !== undefined && (await stat(output).catch(() => undefined))?.isDirectory() === true
  if (output !== undefined && !isFolder && files.length > 1) {
    const error = new ScriptError('InvalidOptions', `${shortPath(output)} is no folder, which several files need`)
    print(formatMistake(error))
    return 1
  }
  let mistakes = 0
  for (const file of files.map((each) => resolve(each))) {
    const built = `${basename(file).replace(/\.wasm$/i, '')}.component.wasm`
    const target = output === undefined ? join(dirname(file), built) : isFolder ? join(output, built) : output
    try {
      const bytes = await buildComponent(file)
      await write(target, bytes)
      print(`${style.green('✓')} ${escapeLine(shortPath(file))} → ${style.bold(escapeLine(shortPath(target)))}  ${bytes.length} bytes`)
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error
      mistakes++
      print(formatMistake(error, file))
    }
  }
  return mistakes === 0 ? 0 : 1
}

async function buildComponent(file: string): Promise<Uint8Array> {
  const bytes = await readScriptFile(file, Number.POSITIVE_INFINITY)
  if (bytes === undefined) throw new ScriptError('LoadFailed', 'there is no such file')
  if (!isComponent(bytes))
    throw new ScriptError('InvalidBinary', 'it is no component, or a prepared one: scripts and plugins are loaded as they are')
  const { prepareComponent } = await import('#prepare-component')
  return prepareComponent(new Uint8Array(bytes))
}

async function write(file: string, content: Uint8Array): Promise<void> {
  try {
    await writeFile(file, content)
  } catch (cause) {
    throw new ScriptError('LoadFailed', `${shortPath(file)} could not be written`, { cause })
  }
}
