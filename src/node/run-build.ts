import { spawn } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { delimiter, dirname, join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { endGroup, OWN_GROUP } from '../files/compilers/process-group.ts'
import { ScriptError } from '../index.ts'
import { type BuildStep, commandLine } from './build-step.ts'

/** Lines of a failed build that its error repeats, and their characters: the last ones. */
const MAX_LINES = 20
const MAX_CHARACTERS = 1500
const WINDOWS = process.platform === 'win32'

/** Options of {@link runBuild}. */
export interface RunBuildOptions {
  /** Called with each line that the build prints, without colours. */
  readonly onLine: (line: string) => void
  /** Ends the build, and what it started. */
  readonly signal: AbortSignal
}

/**
 * Runs the command of a build, without a shell, in the folder of the manifest. As with `npm run`, commands in the `node_modules/.bin` of that
 * folder and of those around it are found. Resolves when the output is written. Rejects with `BuildFailed` and the last lines of the compiler.
 */
export async function runBuild(step: BuildStep, { onLine, signal }: RunBuildOptions): Promise<void> {
  const lines: string[] = []
  const take = (text: string): void => {
    const line = stripVTControlCharacters(text).trimEnd()
    lines.push(line)
    if (lines.length > MAX_LINES) lines.shift()
    onLine(line)
  }
  const failed = (reason: string, cause?: unknown): ScriptError =>
    new ScriptError('BuildFailed', `${tailOf(lines)}the build '${commandLine(step)}' ${reason}`, { script: step.mod, cause })
  if (signal.aborted) throw failed('was stopped')
  const ended = await runCommand(step, take, signal).catch((cause: NodeJS.ErrnoException) => {
    throw failed(cause.code === 'ENOENT' ? whyNotFound(step) : `could not be started: ${cause.message}`, cause)
  })
  if (signal.aborted) throw failed('was stopped')
  if (ended !== 0) throw failed(typeof ended === 'number' ? `ended with exit code ${ended}` : `was ended by ${ended}`)
  if ((await stat(step.output).catch(() => undefined))?.isFile() !== true)
    throw failed(`ended without a mistake, but did not write ${relative(step.folder, step.output)}, its output`)
}

/** Returns the end of what a build printed, each line ended. */
function tailOf(lines: readonly string[]): string {
  const text = lines.map((line) => `${line}\n`).join('')
  return text.length > MAX_CHARACTERS ? `…${text.slice(-MAX_CHARACTERS)}` : text
}

function whyNotFound({ command }: BuildStep): string {
  const hint = WINDOWS && command !== 'node' ? ', or run it by node: Windows starts scripts such as npm only in a shell' : ''
  return `could not be started: there is no command ${command}. Install it${hint}`
}

/** Resolves with the exit code of a command, or with the signal that ended it. */
async function runCommand(
  { command, args, folder }: BuildStep,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<number | string> {
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, ...pathWithLocalCommands(folder) },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...OWN_GROUP,
  })
  const stop = (): void => endGroup(child)
  signal.addEventListener('abort', stop, { once: true })
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, by) => resolve(code ?? by ?? 'a signal'))
  })
  try {
    const [result] = await Promise.all([ended, passLines(child.stdout, onLine), passLines(child.stderr, onLine)])
    return result
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

async function passLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) onLine(line)
}

function pathWithLocalCommands(folder: string): Readonly<Record<string, string>> {
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH'
  const folders: string[] = []
  for (let each = folder; ; each = dirname(each)) {
    folders.push(join(each, 'node_modules', '.bin'))
    if (dirname(each) === each) break
  }
  return { [name]: [...folders, process.env[name] ?? ''].join(delimiter) }
}
