import { realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { findPrograms, isProgram } from './programs.ts'

/** The versions of LLVM whose programs have a number in their names, the newest first. */
export const LLVM_VERSIONS: readonly number[] = [22, 21, 20, 19, 18, 17, 16, 15, 14]

/** Resolves with the path of LLVM's linker for WebAssembly: the one beside a compiler, or one on PATH; `undefined` if there is none. */
export async function findLinker(compiler?: string): Promise<string | undefined> {
  const version = compiler === undefined ? undefined : /-(\d+)(?:\.exe)?$/.exec(compiler)?.[1]
  if (compiler !== undefined) {
    const beside = join(dirname(await realpath(compiler).catch(() => compiler)), 'wasm-ld')
    if (await isProgram(beside)) return beside
  }
  const names = [...(version === undefined ? [] : [`wasm-ld-${version}`]), 'wasm-ld', ...LLVM_VERSIONS.map((each) => `wasm-ld-${each}`)]
  return (await findPrograms(names))[0]
}

/** Returns the command that installs programs, by platform: `packages` of Debian, or `formula` of Homebrew. */
export function installCommand(packages: string, formula: string, windows: string): string {
  if (process.platform === 'darwin') return `brew install ${formula}`
  return process.platform === 'win32' ? windows : `apt install ${packages}`
}
