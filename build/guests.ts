import { execFileSync } from 'node:child_process'
import { readdirSync, watch } from 'node:fs'
import { fileURLToPath } from 'node:url'

/*
 * Builds the guests of the demo: `npm run guests`, and `npm run guests -- --watch` again at each save. Give a folder to put them
 * there: `tsx build/guests.ts folder/`.
 */
const ROOT = fileURLToPath(new URL('../', import.meta.url))
const SOURCES = 'demo/guests/'
const PACKAGES = 'build/guests/node_modules/'
const options = process.argv.slice(2)
const target = options.find((option) => !option.startsWith('-')) ?? SOURCES

/** How a guest is built, by the ending of its source. `npm run guests` installs what they need. */
const BUILDERS: Readonly<Record<string, (source: string, wasm: string) => void>> = {
  '.as.ts': (source, wasm) => {
    const abort = `${source.replace(/\.ts$/, '')}/fail`
    const flags = ['--runtime', 'incremental', '-Oz', '--converge', '--noAssert', '--use', `abort=${abort}`, '--path', PACKAGES]
    run(process.execPath, [`${PACKAGES}assemblyscript/bin/asc.js`, source, '-o', wasm, ...flags])
  },
}

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] })
}

function build(name: string): void {
  const ending = Object.keys(BUILDERS).find((each) => name.endsWith(each))
  if (ending === undefined) return
  const wasm = `${target}${name.slice(0, -ending.length)}.wasm`
  BUILDERS[ending]?.(SOURCES + name, wasm)
  console.log(`${SOURCES}${name} → ${wasm}`)
}

for (const name of readdirSync(ROOT + SOURCES)) build(name)
if (options.includes('--watch')) {
  watch(ROOT + SOURCES, (_, name) => {
    try {
      if (name !== null) build(name)
    } catch {
      // The compiler has printed the mistakes.
    }
  })
}
