import { spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { basename, delimiter, join } from 'node:path'
import { endGroup, OWN_GROUP } from './process-group.ts'

const WINDOWS = process.platform === 'win32'
/** Milliseconds that a compiler may take: all saves of its source wait for it. */
export const MAX_TIME: number = 120_000
/** Characters that a program may print. A compiler that prints more has told enough. */
const MAX_OUTPUT = 16 * 2 ** 20
/** Where compilers are that are often not on PATH: those of Homebrew, and Rust's. */
const MORE_FOLDERS = ['/opt/homebrew/opt/llvm/bin', '/opt/homebrew/opt/lld/bin', '/usr/local/opt/llvm/bin', '/usr/local/opt/lld/bin']

/** What a program printed, and how it ended. */
export interface ProgramResult {
  /** Whether it ended with exit code 0. */
  readonly isDone: boolean
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program in a folder, without a shell. Resolves when it has ended, or when it was ended since it took longer than `limit`, in milliseconds. */
export function runProgram(program: string, args: readonly string[], folder: string, limit: number = MAX_TIME): Promise<ProgramResult> {
  const child = spawn(program, args, {
    cwd: folder,
    // Its messages are read here, so they must be in English and without colours.
    env: { ...process.env, LC_ALL: 'C', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...OWN_GROUP,
  })
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      if (printed[name].length < MAX_OUTPUT) printed[name] += text
    })
  return new Promise((resolve) => {
    const end = (isDone: boolean, failure: string): void => {
      clearTimeout(timer)
      resolve({ isDone, stdout: printed.stdout, stderr: printed.stderr + failure })
    }
    const timer = setTimeout(() => {
      endGroup(child, 'SIGKILL')
      end(false, `${basename(program)} did not end within ${limit / 1000} s, so it was ended`)
    }, limit)
    child.once('error', ({ message }) => end(false, message))
    child.once('close', (code, by) => end(code === 0, code !== 0 && printed.stderr === '' ? `it ended with ${code ?? by}` : ''))
  })
}

/** Resolves with the paths of all programs with one of these names, in the order of the names, then of the folders in PATH. */
export async function findPrograms(names: readonly string[]): Promise<string[]> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...MORE_FOLDERS, join(homedir(), '.cargo/bin')].filter(
    (folder) => folder !== '',
  )
  const found: string[] = []
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, WINDOWS ? `${name}.exe` : name)
      if (!found.includes(path) && (await isProgram(path))) found.push(path)
    }
  }
  return found
}

/** Resolves with whether there is a program at a path. */
export function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

/** Calls `use` with a temporary folder, which is removed afterwards. */
export async function withTemporaryFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'bitscript-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
