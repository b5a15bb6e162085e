import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createWorld } from 'bitecs'
import { WasmScriptRuntime } from 'bitscript'
import { type FileOutcome, watchScripts } from 'bitscript/node'
import { sourceCompilers } from '../../../src/files/compilers/registry.ts'
import { findCompilers, GUEST_PACKAGES } from '../../fixtures/find-compilers.ts'
import { quantile } from '../measure.ts'
import type { Suite } from '../suite.ts'
import { formatNumber, NOTHING, type Table } from '../table.ts'

/** A script whose `step` returns a number, by language: its file, and its text. */
const LANGUAGES: readonly (readonly [
  language: 'wat' | 'as' | 'c' | 'rust',
  title: string,
  file: string,
  text: (step: number) => string,
])[] = [
  ['wat', 'WAT', 'step.wat', (step) => `(module (func (export "step") (result i32) (i32.const ${step})))`],
  ['as', 'AssemblyScript', 'step.ts', (step) => `export function step(): i32 { return ${step} }\n`],
  ['c', 'C', 'step.c', (step) => `__attribute__((export_name("step"))) int step(void) { return ${step}; }\n`],
  [
    'rust',
    'Rust',
    'step.rs',
    (step) =>
      `#![no_std]\n#[panic_handler]\nfn panic(_: &core::panic::PanicInfo) -> ! { loop {} }\n#[no_mangle]\npub extern "C" fn step() -> i32 { ${step} }\n`,
  ],
]

/** Milliseconds. */
interface Row {
  readonly title: string
  /** From a save to the first run of the new code, in the order of time. */
  readonly saves: readonly number[]
  /** The part of the compiler. */
  readonly compiler: readonly number[]
  /** The first compilation, which loads the compiler. */
  readonly cold: number
}

export const saves: Suite = {
  name: 'saves',
  about: 'from a save to the first tick of the new code, by language',
  async run({ scale, progress }) {
    const found = await findCompilers({ mayInstall: false })
    const rows: Row[] = []
    for (const [language, title, file, text] of LANGUAGES) {
      progress(title)
      if (language === 'wat' || found.includes(language)) rows.push(await measure(title, file, text, scale.quick ? 5 : 30))
    }
    return { tables: [tableOf(rows)], data: rows }
  },
}

async function measure(title: string, name: string, text: (step: number) => string, rounds: number): Promise<Row> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-saves-')))
  await mkdir(join(folder, 'node_modules'))
  await symlink(join(GUEST_PACKAGES, 'assemblyscript'), join(folder, 'node_modules/assemblyscript'))
  await writeFile(join(folder, 'package.json'), '{ "devDependencies": { "assemblyscript": "*" } }')
  const file = join(folder, name)
  await writeFile(file, text(0))
  const runtime = await WasmScriptRuntime.create({ world: createWorld() })
  let settled: (outcome: FileOutcome) => void = () => undefined
  const watcher = watchScripts(runtime, { onOutcome: (outcome) => settled(outcome) })
  const compilers = sourceCompilers()
  const compile = compilers.compile.bind(compilers)
  let spent = 0
  // The runtime and the watcher call this very object.
  compilers.compile = async (path) => {
    const start = performance.now()
    try {
      return await compile(path)
    } finally {
      spent += performance.now() - start
    }
  }
  try {
    const id = await runtime.loadModule(pathToFileURL(file))
    const cold = spent
    await watcher.ready
    const times: number[] = []
    const compiler: number[] = []
    for (let step = 1; step <= rounds; step++) {
      const outcome = new Promise<FileOutcome>((resolve) => {
        settled = resolve
      })
      spent = 0
      const start = performance.now()
      await writeFile(file, text(step))
      const { state } = await outcome
      runtime.tick(1 / 60)
      const elapsed = performance.now() - start
      if (state !== 'reloaded' || runtime.call(id, 'step') !== step) throw new Error(`${title}: the save ${step} did not reload it`)
      times.push(elapsed)
      compiler.push(spent)
      // The watcher may merge two saves that come soon after each other.
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    return { title, saves: times, compiler, cold }
  } finally {
    compilers.compile = compile
    await watcher.close()
    runtime.dispose()
    await rm(folder, { recursive: true })
  }
}

function tableOf(rows: readonly Row[]): Table {
  const milliseconds = (value: number): string => (value === 0 ? NOTHING : formatNumber(value))
  return {
    title: 'from a save to the first tick of the new code, in milliseconds',
    columns: ['language', 'p50', 'p95', 'compiler p50', 'compiler p95', 'first compilation'],
    rows: rows.map(({ title, saves: times, compiler, cold }) => [
      title,
      ...[quantile(times, 0.5), quantile(times, 0.95), quantile(compiler, 0.5), quantile(compiler, 0.95), cold].map(milliseconds),
    ]),
  }
}
