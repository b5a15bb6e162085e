import { mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type FileOutcome, watchScripts } from 'bitscript/node'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { withoutDebugInformation } from '../../../src/files/compilers/custom-sections.ts'
import { sourceCompilers } from '../../../src/files/compilers/registry.ts'
import { type CompiledLanguage, GUEST_PACKAGES } from '../../fixtures/find-compilers.ts'
import { createGame } from '../../fixtures/game.ts'

const found = inject('compilers')
let folder: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-real-')))
  await mkdir(join(folder, 'node_modules'))
  await symlink(join(GUEST_PACKAGES, 'assemblyscript'), join(folder, 'node_modules/assemblyscript'))
  await write('package.json', '{ "devDependencies": { "assemblyscript": "*" } }')
})
afterEach(() => rm(folder, { recursive: true }))

async function write(file: string, text: string): Promise<string> {
  const path = join(folder, file)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
  return path
}

interface Example {
  readonly name: string
  readonly source: string
  readonly part: string
  /** Returns the text of the part, which holds a number. */
  readonly partWith: (step: string) => string
  /** A mistake, and what the compiler says of it: its message, line and column. */
  readonly mistake: readonly [text: string, message: RegExp, line: number, column: number]
}

const EXAMPLES: readonly (Example & { readonly language: CompiledLanguage })[] = [
  {
    language: 'c',
    name: 'mover.c',
    source: `#include "game.h"
__attribute__((import_module("host"), import_name("tick"))) int host_tick(void);
static int many[200];
__attribute__((export_name("step"))) int step(void) { for (int i = 0; i < 200; i++) many[i] = 0; return STEP + host_tick() + many[7]; }
__attribute__((visibility("default"))) int marked(void) { return 1; }
int unmarked(void) { return 2; }
`,
    part: 'game.h',
    partWith: (step) => `#define STEP ${step}\n`,
    mistake: ['/* ä */ int f(void) {\n  /* ä */ return nope;\n}\n', /use of undeclared identifier 'nope'/, 2, 18],
  },
  {
    language: 'rust',
    name: 'mover.rs',
    source: `#![no_std]
mod game;
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! { core::arch::wasm32::unreachable() }
#[link(wasm_import_module = "host")]
extern "C" { #[link_name = "tick"] fn host_tick() -> i32; }
#[no_mangle]
pub extern "C" fn step() -> i32 { game::STEP + unsafe { host_tick() } }
`,
    part: 'game.rs',
    partWith: (step) => `pub const STEP: i32 = ${step};\n`,
    mistake: ['fn f() -> i32 {\n  nope\n}\n', /cannot find value `nope` in this scope \[E0425\]/, 2, 3],
  },
  {
    language: 'as',
    name: 'mover.ts',
    source: `import { STEP } from './game'
@external("host", "tick") declare function host_tick(): i32
export function step(): i32 { return STEP + host_tick() }
`,
    part: 'game.ts',
    partWith: (step) => `export const STEP: i32 = ${step}\n`,
    mistake: ['export function f(): i32 {\n  return nope\n}\n', /Cannot find name 'nope' \[AS2304\]/, 2, 10],
  },
]

for (const { language, name, source, part, partWith, mistake } of EXAMPLES) {
  describe.skipIf(!found.includes(language))(`the compiler of ${language}`, () => {
    it('makes a script that is loaded, and reloaded when a part of it is saved', async () => {
      await write(part, partWith('1'))
      const file = await write(name, source)
      const game = await createGame()
      const outcomes: FileOutcome[] = []
      const watcher = watchScripts(game.runtime, { onOutcome: (outcome) => outcomes.push(outcome) })
      const id = await game.runtime.loadModule(pathToFileURL(file))
      await watcher.ready
      expect(game.runtime.call(id, 'step')).toBe(1)
      await write(part, partWith('2'))
      await expect.poll(() => game.runtime.call(id, 'step')).toBe(2)
      await write(part, `${partWith('2')}nope nope\n`)
      await expect
        .poll(() => outcomes.at(-1))
        .toMatchObject({ state: 'mistake', file, error: { code: 'InvalidSource', location: { file: join(folder, part), line: 2 } } })
      await rm(join(folder, part))
      await expect.poll(() => outcomes.at(-1)).toMatchObject({ error: { code: 'InvalidSource', location: { file } } })
      await write(part, partWith('3'))
      await expect.poll(() => game.runtime.call(id, 'step')).toBe(3)
      await watcher.close()
      game.runtime.dispose()
    })

    it('makes the same module in another folder, apart from debug information', async () => {
      const modules = await Promise.all(
        ['one', 'other/deeper'].map(async (inner) => {
          await write(`${inner}/package.json`, '{ "devDependencies": { "assemblyscript": "*" } }')
          await write(`${inner}/${part}`, partWith('1'))
          return withoutDebugInformation(await sourceCompilers().compile(await write(`${inner}/${name}`, source)))
        }),
      )
      expect(modules[1]).toEqual(modules[0])
      const exported = WebAssembly.Module.exports(new WebAssembly.Module(modules[0] as Uint8Array<ArrayBuffer>)).map((each) => each.name)
      expect(exported).toContain('step')
      expect(exported).not.toContain('unmarked')
      if (language === 'c') expect(exported).toContain('marked')
    })

    it('finds mistakes, at their places', async () => {
      const [text, message, line, column] = mistake
      const file = await write(name, text)
      await expect(sourceCompilers().compile(file)).rejects.toMatchObject({
        code: 'InvalidSource',
        detail: expect.stringMatching(message),
        location: { file, line, column },
      })
    })
  })
}

describe.skipIf(!found.includes('rust'))('a source in Rust', () => {
  it.each([
    ['an index', 'LIST[index]'],
    ['an unwrap', 'LIST.get(index).copied().unwrap()'],
  ])('that panics traps at its line, not at that of the library: %s', async (_, access) => {
    const panic = '#[panic_handler]\nfn panic(_: &core::panic::PanicInfo) -> ! { core::arch::wasm32::unreachable() }\n'
    const pick = `static LIST: [i32; 3] = [1, 2, 3];\n#[no_mangle]\npub extern "C" fn pick(index: usize) -> i32 {\n  ${access}\n}\n`
    const file = await write('pick.rs', `#![no_std]\n${panic}${pick}`)
    sourceCompilers()
    const { runtime } = await createGame()
    const id = await runtime.loadModule(pathToFileURL(file))
    expect(runtime.call(id, 'pick', 2)).toBe(3)
    await expect(async () => runtime.call(id, 'pick', 9)).rejects.toMatchObject({ code: 'Trap', location: { file, line: 7 } })
    runtime.dispose()
  })
})

describe.skipIf(!found.includes('as'))('a source in AssemblyScript', () => {
  it('is compiled as its asconfig.json says, and again when that is saved', async () => {
    const source = await write(
      'mover.ts',
      'export function step(): i32 { return 1 }\nexport function size(): i32 { return memory.size() }\n',
    )
    await write('other.ts', 'export function other(): void {}\n')
    await write(
      'asconfig.json',
      '{ "extends": "./base.json", "entries": ["other.ts"], "targets": { "release": { "exportStart": "begin" } } }',
    )
    await write('base.json', '{ "options": { "initialMemory": 5, "bindings": "esm", "textFile": "mover.wat" } }')
    const pages = async (): Promise<unknown> => {
      const { instance } = await WebAssembly.instantiate((await sourceCompilers().compile(source)) as BufferSource)
      expect(Object.keys(instance.exports)).toEqual(expect.arrayContaining(['step', 'size', 'begin']))
      expect(Object.keys(instance.exports)).not.toContain('other')
      return (instance.exports.size as () => number)()
    }
    expect(await pages()).toBe(5)
    await write('base.json', '{ "options": { "initialMemory": 7 } }')
    expect(await pages()).toBe(7)
    expect(await readdir(folder)).not.toContain('mover.wat')
    await write('asconfig.json', '{ "options": ')
    await expect(sourceCompilers().compile(source)).rejects.toMatchObject({
      code: 'BuildFailed',
      detail: /not valid json: .*asconfig\.json/,
    })
  })
})
