import { cp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hashWorld } from 'bitscript'
import { createSimulation, type Game } from '../../../demo/sim/index.ts'
import { withoutSections } from '../../../src/files/compilers/custom-sections.ts'
import { COMPILERS, compiled, createSourceFolder } from '../../fixtures/compiled.ts'
import { type CompiledLanguage, findCompilers } from '../../fixtures/find-compilers.ts'
import type { Suite } from '../suite.ts'
import { formatNanoseconds, formatNumber, type Table } from '../table.ts'

const SEED = 7
/** Hunters of the first wave. */
const SWARM = 2400
const TICKS = 600
/** The folder of the demo's hunter in other languages. */
const SOURCES = fileURLToPath(new URL('../../../demo/languages/', import.meta.url))
const NAMES: Readonly<Record<CompiledLanguage | 'wat', string>> = { wat: 'WAT', as: 'AssemblyScript', c: 'C', rust: 'Rust' }

interface Contestant {
  readonly name: string
  /** The module; that of the game if it is left out. */
  readonly module: Uint8Array | undefined
  readonly bytes: number
  readonly times: number[]
  fuel: number
  hash: string
}

/** The demo's hunter in each language whose compiler is here. */
export const languages: Suite = {
  name: 'languages',
  about: "the demo's hunter in WAT, AssemblyScript, C and Rust: bytes, fuel and time a tick",
  async run({ scale, progress }) {
    progress('compiling')
    const contestants = await compileAll()
    // In turns, and each time in games of their own.
    for (let round = 0; round < (scale.quick ? 1 : 5); round++) {
      for (const each of contestants) {
        progress(`${each.name}, round ${round + 1}`)
        await play(each)
      }
    }
    const [first] = contestants
    const table: Table = {
      title: `languages: the demo's hunter, ${TICKS} ticks`,
      columns: ['', 'bytes', 'fuel a tick', 'time a tick', 'ratio', 'world'],
      rows: contestants.map((each) => [
        each.name,
        formatNumber(each.bytes),
        formatNumber(each.fuel / TICKS),
        formatNanoseconds(1e6 * median(each.times)),
        (median(each.times) / median(first?.times ?? [])).toFixed(2),
        each.hash,
      ]),
      notes: ['Bytes without custom sections, such as debug information. Languages without a compiler here are left out.'],
    }
    return { tables: [table], data: contestants.map(({ module, ...rest }) => rest) }
  },
}

async function compileAll(): Promise<readonly Contestant[]> {
  const found: Contestant[] = [contestant('wat', undefined, await assembled())]
  for (const language of await findCompilers({ mayInstall: false })) {
    const folder = await createSourceFolder()
    await cp(SOURCES, folder, { recursive: true })
    const module = await compiled(join(folder, `hunter${COMPILERS[language].extension}`), language)
    found.push(contestant(language, module, module))
    await rm(folder, { recursive: true })
  }
  return found
}

async function assembled(): Promise<Uint8Array<ArrayBuffer>> {
  const { default: createWabt } = await import('wabt')
  const wabt = await createWabt()
  const text = wabt.parseWat('hunter.wat', await readFile(new URL('../../../scripts-wat/hunter.wat', import.meta.url), 'utf8'))
  return new Uint8Array(text.toBinary({}).buffer)
}

function contestant(language: CompiledLanguage | 'wat', module: Uint8Array | undefined, bytes: Uint8Array): Contestant {
  return { name: NAMES[language], module, bytes: withoutSections(bytes, () => true).length, times: [], fuel: 0, hash: '' }
}

async function play(each: Contestant): Promise<void> {
  const game: Game = await createSimulation({
    seed: SEED,
    swarm: SWARM,
    ...(each.module !== undefined && { scripts: { hunter: each.module } }),
  })
  game.runtime.on('log', () => undefined)
  await game.load()
  let [fuel, ms] = [0, 0]
  for (let tick = 0; tick < TICKS; tick++) {
    game.step(1 / 60)
    const stats = game.runtime.find('hunter')?.stats
    fuel += stats?.fuel ?? 0
    ms += stats?.ms ?? 0
  }
  each.times.push(ms / TICKS)
  each.fuel = fuel
  each.hash = hashWorld(game.world, game.components)
  game.runtime.dispose()
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? Number.NaN
}
