import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const require: NodeJS.Require = createRequire(import.meta.url)
const NAMES = ['Module', 'WebAssembly', 'process', 'require', 'module', '__filename', '__dirname'] as const

const LAST_STATEMENT = 'createWasm().then(()=>run());'

/** The options of a program made with Emscripten. */
interface Program {
  instantiateWasm?: (imports: WebAssembly.Imports, receive: (instance: WebAssembly.Instance) => void) => void
}

/**
 * Binaryen's `wasm-opt`, which can make a valid module of any bytes. The package has it as a program; loading that takes
 * far longer than running it, so it is loaded once and started again for every module. `npm run fuzz` installs it.
 */
export class ModuleGenerator {
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'bitscript-fuzz-'))
  readonly #start: (...values: unknown[]) => Promise<void>
  readonly #file: string = fileURLToPath(new URL('./binaryen/node_modules/binaryen/bin/wasm-opt', import.meta.url))
  #compiled: WebAssembly.Module | undefined

  constructor() {
    const source = readFileSync(this.#file, 'utf8').replace(/^#!.*/, '')
    if (!source.includes(LAST_STATEMENT)) throw new Error('wasm-opt does not begin as it did')
    this.#start = new Function(...NAMES, source.replace(LAST_STATEMENT, `return ${LAST_STATEMENT}`)) as (
      ...values: unknown[]
    ) => Promise<void>
  }

  /** The module that these bytes stand for, with the features of these options. */
  async generate(seed: Uint8Array, options: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
    const input = join(this.#folder, 'input')
    const output = join(this.#folder, 'output.wasm')
    writeFileSync(input, seed)
    rmSync(output, { force: true })
    const code = await this.#run([input, '--translate-to-fuzz', '-O0', '--quiet', '-o', output, ...options])
    if (code !== 0) throw new Error(`wasm-opt ended with ${code}`)
    return Uint8Array.from(readFileSync(output))
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #run(args: readonly string[]): Promise<number> {
    const compiled = this.#compiled
    const program: Program = {}
    if (compiled !== undefined) program.instantiateWasm = (imports, receive) => receive(new WebAssembly.Instance(compiled, imports))
    const instantiate = async (bytes: BufferSource, imports: WebAssembly.Imports): Promise<unknown> => {
      const module = await WebAssembly.compile(bytes)
      this.#compiled = module
      return { module, instance: await WebAssembly.instantiate(module, imports) }
    }
    const engine = Object.create(WebAssembly, { instantiate: { value: instantiate } })
    const surroundings = Object.create(process, { argv: { value: ['node', 'wasm-opt', ...args] }, exitCode: { value: 0, writable: true } })
    await this.#start(program, engine, surroundings, require, { exports: {} }, this.#file, join(this.#file, '..'))
    return surroundings.exitCode
  }
}
