import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describeModule, ScriptError } from '../index.ts'
import { formatDescription, formatMistake } from './messages.ts'
import { importSimulation } from './simulation.ts'

/** Options of `bitscript check`. */
export interface CheckOptions {
  /** The path of a simulation whose components and host functions the scripts are linked against. */
  readonly sim?: string
}

/** Checks script files, and prints a description or the mistake of each. Resolves with the exit code: 1 if there is a mistake. */
export async function check(files: readonly string[], options: CheckOptions): Promise<number> {
  const create = options.sim === undefined ? undefined : await importSimulation(resolve(options.sim))
  const runtime = (await create?.({ seed: 0 }))?.runtime
  let mistakes = 0
  for (const file of files) {
    const path = resolve(file)
    const url = pathToFileURL(path)
    try {
      if ((await stat(path).catch(() => undefined))?.isDirectory()) {
        throw new ScriptError('LoadFailed', 'it is a folder; name the files in it')
      }
      const description = runtime === undefined ? await describeModule(url) : await runtime.checkModule(url)
      process.stdout.write(`${formatDescription(path, description)}\n`)
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error
      mistakes++
      process.stdout.write(`${formatMistake(error, path)}\n`)
    }
  }
  runtime?.dispose()
  return mistakes > 0 ? 1 : 0
}
