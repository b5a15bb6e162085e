import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { componentEmbed, componentNew, parse } from '@bytecodealliance/jco-transpile/wasm-tools'

// Makes a WebAssembly component of each file of demo/guests/components/ and demo/mods/ in C or WAT that has a WIT: `name.c` is the world `name-in-c` of
// `name.wit`, `name.wat` the world `name-in-wat`. C needs clang and lld that know wasm32.
// Run it with `npm run guests:components -- clang-16`, where clang has another name; a folder behind it takes the results.

const [GUESTS, MODS] = ['../demo/guests/components/', '../demo/mods/'].map((path) => fileURLToPath(new URL(path, import.meta.url))) as [
  string,
  string,
]
const [clang = 'clang', output] = process.argv.slice(2)
const run = promisify(execFile)

const game = await readFile(join(GUESTS, 'game.wit'), 'utf8')
const work = await mkdtemp(join(tmpdir(), 'bitscript-guests-'))
try {
  for (const folder of [GUESTS, MODS]) await build(folder)
} finally {
  await rm(work, { recursive: true })
}

async function build(folder: string): Promise<void> {
  const files = await readdir(folder)
  for (const file of files) {
    const [, name, language] = /^(.*)\.(c|wat)$/.exec(file) ?? []
    if (name === undefined || !files.includes(`${name}.wit`)) continue
    const source = join(folder, file)
    const binary = language === 'c' ? await compile(source) : await parse(await readFile(source, 'utf8'))
    const witSource = `${game}\n${await readFile(join(folder, `${name}.wit`), 'utf8')}`
    const component = await componentNew(await componentEmbed({ binary, witSource, world: `${name}-in-${language}` }))
    await writeFile(join(output ?? folder, `${name}.wasm`), component)
    console.log(`${name}.wasm: ${component.length} bytes`)
  }
}

async function compile(source: string): Promise<Uint8Array> {
  const module = join(work, 'core.wasm')
  const flags = ['--target=wasm32-unknown-unknown', '-O2', '-ffreestanding', '-nostdlib', '-Wall', '-Werror', '-Wl,--no-entry,--strip-all']
  await run(clang, [...flags, '-o', module, source])
  return readFile(module)
}
