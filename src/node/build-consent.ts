import { createHash } from 'node:crypto'
import { realpath, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { ScriptError } from '../index.ts'
import { escapeLine } from '../printable.ts'
import { type BuildStep, commandLine } from './build-step.ts'
import { makeFolder } from './make-folder.ts'
import { render, style } from './output.ts'
import { shortPath } from './short-path.ts'

/** Options of {@link allowBuilds}. */
export interface ConsentOptions {
  /** Allow them without a question. */
  readonly yes: boolean
  /** Asks a person, and resolves with the answer; `undefined` if there is nobody to ask. @default asks in the terminal, if there is one */
  readonly ask?: ((question: string) => Promise<boolean>) | undefined
  /** Why nobody can be asked. @default there is no terminal */
  readonly whyNotAsked?: string
  /** The folder that remembers what was allowed. @default {@link consentFolder} */
  readonly folder?: string
}

/**
 * Asks whether the commands of builds may run, unless that was answered before for the same command in the same folder. A manifest may come with
 * a folder from anywhere, and its command can do whatever the person can who runs it.
 *
 * Rejects with `BuildFailed` if they may not, or if there is nobody to ask.
 */
export async function allowBuilds(steps: readonly BuildStep[], options: ConsentOptions): Promise<void> {
  const { yes, whyNotAsked = 'there is no terminal to ask in; give --yes to allow it', folder = consentFolder() } = options
  const ask = 'ask' in options ? options.ask : askInTerminal()
  const unknown: BuildStep[] = []
  for (const step of steps) if (!(await isAllowed(step, folder))) unknown.push(step)
  const [first] = unknown
  if (first === undefined) return
  if (!yes) {
    const what = `${unknown.length === 1 ? 'the build' : 'the builds'} ${unknown.map((step) => `'${commandLine(step)}'`).join(', ')}`
    const refused = (why: string): ScriptError => new ScriptError('BuildFailed', `${what} did not run: ${why}`, { script: first.mod })
    if (ask === undefined) throw refused(`nobody has allowed it, and ${whyNotAsked}`)
    if (!(await ask(questionOf(unknown)))) throw refused('it was not allowed')
  }
  // What was allowed may run where it cannot be remembered. Then the question comes again.
  await remember(unknown, folder).catch(() => undefined)
}

/** Returns the folder in the home of the user that remembers allowed commands. It is no part of a project, which may come from a stranger. */
function consentFolder(): string {
  const { XDG_STATE_HOME, LOCALAPPDATA } = process.env
  const state = XDG_STATE_HOME ?? (process.platform === 'win32' ? LOCALAPPDATA : undefined) ?? join(homedir(), '.local', 'state')
  return join(state, 'bitscript', 'allowed-builds')
}

function questionOf(steps: readonly BuildStep[]): string {
  const lines = steps.map(
    (step) =>
      `  ${style.bold(escapeLine(step.mod))}: ${escapeLine(commandLine(step))}  ${style.dim(`in ${escapeLine(shortPath(step.folder))}`)}`,
  )
  const [what, them] = steps.length === 1 ? ['This mod is', 'it'] : ['These mods are', 'them']
  return `${what} built by a command that its manifest names:\n${lines.join('\n')}\nRun ${them}, now and after each change of the sources? [y/N] `
}

function askInTerminal(): ConsentOptions['ask'] {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined
  return async (question) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr })
    try {
      // Ctrl-C rejects the answer; at the end of the input there is none.
      const none = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
      const answer = await Promise.race([lines.question(render(question)).catch(() => ''), none])
      return /^y(es)?$/i.test(answer.trim())
    } finally {
      lines.close()
    }
  }
}

async function remember(steps: readonly BuildStep[], folder: string): Promise<void> {
  await makeFolder(folder)
  for (const step of steps) await writeFile(await placeOf(step, folder), `${JSON.stringify(contentOf(step))}\n`)
}

function contentOf({ folder, command, args }: BuildStep): {
  readonly folder: string
  readonly command: string
  readonly args: readonly string[]
} {
  return { folder, command, args }
}

async function placeOf(step: BuildStep, folder: string): Promise<string> {
  const real = await realpath(step.folder).catch(() => step.folder)
  return join(
    folder,
    createHash('sha256')
      .update(JSON.stringify(contentOf({ ...step, folder: real })))
      .digest('hex'),
  )
}

async function isAllowed(step: BuildStep, folder: string): Promise<boolean> {
  return (await stat(await placeOf(step, folder)).catch(() => undefined)) !== undefined
}
