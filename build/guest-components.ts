import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { componentEmbed, componentNew, parse } from '@bytecodealliance/jco-transpile/wasm-tools'

// Makes a WebAssembly component of each file of demo/guests/components/ in C or WAT: `name.c` is the world `name-in-c` of `name.wit`, `name.wat` the world
// `name-in-wat`. C needs clang and lld that know wasm32.
// Run it with `npm run guests:components -- clang-16`, where clang has another name; a folder behind it takes the results.

const FOLDER = fileURLToPath(new URL('../demo/guests/components/', import.meta.url))
const [clang = 'clang', output = FOLDER] = process.argv.slice(2)
const run = promisify(execFile)

const game = await readFile(join(FOLDER, 'game.wit'), 'utf8')
const work = await mkdtemp(join(tmpdir(), 'bitscript-guests-'))
try {
  for (const file of await readdir(FOLDER)) {
    const [, name, language] = /^(.*)\.(c|wat)$/.exec(file) ?? []
    if (name === undefined) continue
    const binary = language === 'c' ? await compile(file) : await parse(await readFile(join(FOLDER, file), 'utf8'))
    const witSource = `${game}\n${await readFile(join(FOLDER, `${name}.wit`), 'utf8')}`
    const component = await componentNew(await componentEmbed({ binary, witSource, world: `${name}-in-${language}` }))
    await writeFile(join(output, `${name}.wasm`), component)
    console.log(`${name}.wasm: ${component.length} bytes`)
  }
} finally {
  await rm(work, { recursive: true })
}

async function compile(file: string): Promise<Uint8Array> {
  const module = join(work, `${file}.wasm`)
  const flags = ['--target=wasm32-unknown-unknown', '-O2', '-ffreestanding', '-nostdlib', '-Wall', '-Werror', '-Wl,--no-entry,--strip-all']
  await run(clang, [...flags, '-o', module, join(FOLDER, file)])
  return readFile(module)
}
