import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createWorld } from 'bitecs'
import { Recorder, WasmScriptRuntime } from 'bitscript'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { profileSimulation } from '../../src/node/profile-command.ts'
import { traceTick } from '../../src/node/trace-command.ts'
import { who } from '../../src/node/who-command.ts'
import { mistakenLine } from '../debug/mistaken-line.ts'
import { PLANTED_BUGS, type PlantedBug, recordPlantedBug } from '../debug/planted-bugs.ts'
import { errorOf } from '../fixtures/game.ts'

const BUG = PLANTED_BUGS.find(({ name }) => name === 'a wrong index') as PlantedBug
const { signal } = new AbortController()

let folder = ''
let file = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bitscript-insight-'))
  file = join(folder, 'game.rec')
  await writeFile(file, (await recordPlantedBug(BUG)).toBytes())
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Resolves with what a command prints and its exit code. */
async function printed(work: () => Promise<number>): Promise<{ readonly code: number; readonly output: string }> {
  let output = ''
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += String(text)
    return true
  })
  try {
    const code = await work()
    return { code, output }
  } finally {
    spy.mockRestore()
  }
}

const recorded = { signal, trust: false, json: false, sim: BUG.file }
/** The last write before the tick 130 is that of the tick 120. */
const question = { ...recorded, field: BUG.field, entity: BUG.entity, count: 1, before: 130 }

/** The game writes the field itself. */
const OWN = PLANTED_BUGS.find(({ name }) => name === "a host's write") as PlantedBug

describe('bitscript who', () => {
  it("prints the game's own line, if the game wrote it", async () => {
    const own = join(folder, 'own.rec')
    await writeFile(own, (await recordPlantedBug(OWN)).toBytes())
    const { code, output } = await printed(() => who(own, { ...question, sim: OWN.file, before: 440 }))
    expect(code).toBe(0)
    const line = await mistakenLine(OWN)
    expect(output).toMatch(
      new RegExp(
        `tick 433 {2}5 -> -1 {2}host by write in before {2}test/debug/planted-bugs/host-write\\.ts:${line}:\\d+\\n +if .*runtime\\.write\\(`,
      ),
    )
    const traced = await printed(() => traceTick(own, { ...recorded, sim: OWN.file, scripts: undefined, tick: 433, count: 10 }))
    expect(traced.output).toMatch(
      new RegExp(`before it, the game did\\n {2}write of entity 1 in before {2}test/debug/planted-bugs/host-write\\.ts:${line}:\\d+\\n`),
    )
  })

  it('prints the script, the line and the tick of the last write, with the values and the functions that ran', async () => {
    const { line } = BUG.answer
    const { code, output } = await printed(() => who(file, question))
    expect(code).toBe(0)
    expect(output).toContain(`tick 120  3 -> 2  poison hurt  poison.wat:${line}:`)
    expect(output).toContain('(call $set_points')
    expect(output).toMatch(/ at poison hurt .*\n +at poison /)
  })

  it('prints the same as JSON', async () => {
    const { output } = await printed(() => who(file, { ...question, json: true }))
    expect(JSON.parse(output)).toMatchObject([{ tick: 120, by: 'poison', old: 3, value: 2 }])
  })

  it('names the field that is meant, and says which entities and ticks there are', async () => {
    expect((await errorOf(who(file, { ...question, field: 'Health.pionts' }))).message).toContain("did you mean 'Health.points'?")
    expect((await errorOf(who(file, { ...question, entity: 77, before: 5 }))).message).toContain('there is no entity 77')
    for (const before of [0, 1, 700])
      expect((await errorOf(who(file, { ...question, before }))).message).toContain(
        '--before: give a tick from 2 to 601: the recording has those from 1 to 600',
      )
  })
})

it('says by which option the path of a simulation is given, if the recording does not name it', async () => {
  const runtime = await WasmScriptRuntime.create({ world: createWorld() })
  const unnamed = join(folder, 'unnamed.rec')
  await writeFile(unnamed, new Recorder(runtime).stop().toBytes())
  const { sim: _, ...options } = question
  expect((await errorOf(who(unnamed, options))).message).toContain('does not name its simulation; give the path by --sim')
})

describe('bitscript replay --trace', () => {
  const traced = { ...recorded, scripts: ['poison'], tick: 120, count: 1000 }

  it('prints the lines of a tick with their text and locals, and the writes', async () => {
    const { code, output } = await printed(() => traceTick(file, traced))
    expect(code).toBe(0)
    expect(output).toMatch(/^tick 120 of poison: \d+ events/)
    expect(output).toMatch(new RegExp(`^ +${BUG.answer.line} │ \\(call \\$set_points`, 'm'))
    expect(output).toContain(`Health.points of ${BUG.entity}: 3 -> 2`)
  })

  it('prints the events as JSON', async () => {
    const { output } = await printed(() => traceTick(file, { ...traced, json: true }))
    const { events, ...rest } = JSON.parse(output)
    expect(rest).toEqual({ tick: 120, inputs: [], total: events.length, matches: true, untraced: [], errors: [] })
    expect(events).toContainEqual(expect.objectContaining({ kind: 'write', function: 'hurt', entity: BUG.entity, old: 3, value: 2 }))
  })

  it('says which scripts, ticks and entities there are', async () => {
    expect((await errorOf(traceTick(file, { ...traced, scripts: ['poisn'] }))).message).toContain("there was no script 'poisn'")
    expect((await errorOf(traceTick(file, { ...traced, tick: 601 }))).message).toContain('there is no tick 601')
    expect((await errorOf(traceTick(file, { ...traced, entity: 77 }))).message).toContain('there is no entity 77 in tick 120')
  })
})

describe('bitscript profile', () => {
  const options = { ticks: 120, dt: 1 / 60, seed: 7, lines: false, json: false, signal }

  it('prints what functions spend, the sources with how often each line ran, and writes a flame graph and coverage', async () => {
    const [flame, coverage] = [join(folder, 'out.svg'), join(folder, 'lcov.info')]
    const { code, output } = await printed(() => profileSimulation(BUG.file, { ...options, lines: true, flame, coverage }))
    expect(code).toBe(0)
    expect(output).toMatch(/120 ticks, seed 7: [\d,]+ fuel/)
    expect(output).toMatch(/^ +[\d,]+ +[\d.]+ % +[\d,]+ {2}poison hurt {2}poison.wat:\d+$/m)
    expect(output).toMatch(/^ +\d+ +\d+ │ .*\(call \$set_points/m)
    const svg = await readFile(flame, 'utf8')
    expect(svg).toMatch(/^<svg xmlns=/)
    expect(svg).toMatch(/<title>poison hurt: [\d,]+ fuel, [\d,]+ of it itself/)
    expect((await readFile(coverage, 'utf8')).split('\n')).toEqual(
      expect.arrayContaining(['SF:poison.wat', 'FNDA:120,tick', `DA:${BUG.answer.line},5`, 'end_of_record']),
    )
  })

  it('prints all of it as JSON', async () => {
    const { output } = await printed(() => profileSimulation(BUG.file, { ...options, json: true }))
    expect(JSON.parse(output)).toMatchObject({
      ticks: 120,
      seed: 7,
      unprofiled: [],
      scripts: [{ script: 'poison', generation: 1, since: 0 }],
    })
  })
})
