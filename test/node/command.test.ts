import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SCRIPTS } from '../../demo/sim/index.ts'
import { bitscript, createProject, type Finished, finish, type Running } from '../fixtures/project.ts'

const SIM = 'demo/sim/index.ts'
/** A script without get_state. */
const COUNTER = `(module
  (global $count (export "count") (mut i32) (i32.const 7))
  (global $gone (export "gone") (mut i32) (i32.const 1))
  (global $step f32 (f32.const 1))
  (func (export "tick") (param f32)))`
/** A simulation with one script that logs at each level. */
const LEVELS = `import { createWorld } from 'bitecs'
  import { WasmScriptRuntime } from 'bitscript'
  const wat = '(module (import "host" "log_level" (func $log (param i32 i32 i32))) (memory (export "memory") 1) (data (i32.const 0) "diwe") (func (export "tick") (param f32)' +
    [0, 1, 2, 3].map((level) => '(call $log (i32.const ' + level + ') (i32.const ' + level + ') (i32.const 1))').join('') + '))'
  export async function createSimulation() {
    const runtime = await WasmScriptRuntime.create({ world: createWorld() })
    return { runtime, load: () => runtime.loadModule(wat, { name: 'all' }), step: (dt) => runtime.tick(dt) }
  }`
let folder: string
let remove: () => Promise<void>

beforeAll(async () => {
  ;({ folder, remove } = await createProject())
})
afterAll(() => remove())

const finished = (...args: string[]): Promise<Finished> => finish(folder, ...args)

describe('bitscript run', () => {
  it('runs a simulation and reports what it did', async () => {
    const { code, output } = await finished('run', SIM, '--ticks', '120', '--seed', '7')
    expect(code).toBe(0)
    expect(output).toMatch(/120 ticks in [\d.]+ s: \d+ ticks\/s, [\d.]+ × real time/)
    expect(output).toMatch(/\d+ entities, seed 7, world hash [0-9a-f]{16}/)
    expect(output).toMatch(/^hunter +\d{2,3} +[\d.]+ +\d{4,} +1 +0 +0 {2}active$/m)
    expect(output).toContain('[1] score wave 1 begins, score 0')
  })

  it('escapes control characters in log lines', async () => {
    await writeFile(
      join(folder, 'colourful.js'),
      `import { createWorld } from 'bitecs'
       import { WasmScriptRuntime } from 'bitscript'
       const wat = '(module (import "host" "log" (func $log (param i32 i32))) (memory (export "memory") 1) (data (i32.const 0) "\\\\1b[31mred\\\\07") (func (export "tick") (param f32) (call $log (i32.const 0) (i32.const 9))))'
       export async function createSimulation() {
         const runtime = await WasmScriptRuntime.create({ world: createWorld() })
         return { runtime, load: () => runtime.loadModule(wat, { name: 'red' }), step: (dt) => runtime.tick(dt) }
       }`,
    )
    const { output } = await finished('run', 'colourful.js', '--ticks', '1')
    expect(output).toContain('[0] red \\x1b[31mred\\x07')
  })

  it('reports a mistake in the simulation itself with its stack', async () => {
    await writeFile(join(folder, 'broken.js'), 'export async function createSimulation() {\n  return { runtime: 1 }\n}')
    const broken = (await finished('run', 'broken.js')).output
    expect(broken).toMatch(
      /must return \{ runtime, load\(\), step\(dt\) \}\. Correct the code of the game: the fault is not in the script\./,
    )
    await writeFile(join(folder, 'throwing.js'), 'export function createSimulation() {}\nthrow new TypeError("boom")')
    const { code, output } = await finished('check', 'scripts-wat/mover.wat', '--sim', 'throwing.js')
    expect(code).toBe(1)
    expect(output).toMatch(/HostError[\s\S]*boom[\s\S]*throwing\.js:2/)
  })

  it('prints only JSON with --json: the same for one seed, and different for another', async () => {
    // A folder names its index.
    const runs = await Promise.all(
      [SIM, 'demo/sim', SIM].map((sim, index) => finished('run', sim, '--ticks', '60', '--seed', String(index === 2 ? 8 : 7), '--json')),
    )
    const [first, again, other] = runs.map(({ output }) => JSON.parse(output))
    expect(first).toMatchObject({ ticks: 60, seed: 7, faults: [] })
    expect(first.time).toBeCloseTo(1)
    expect(first.entities).toBeGreaterThan(300)
    expect(first.scripts).toHaveLength(SCRIPTS.length)
    expect(again.hash).toBe(first.hash)
    expect(other.hash).not.toBe(first.hash)
  })

  it('ends with its report on Ctrl-C', async () => {
    const running = bitscript(folder, 'run', SIM, '--ticks', '1000000')
    await running.printed(/wave 1 begins/)
    running.process.kill('SIGINT')
    expect(await running.ended).toBe(0)
    expect(running.output()).toMatch(/\d+ ticks in/)
  })

  it('exits with 1 and reports the fault if a script faults, at its path from the current folder', async () => {
    await writeFile(join(folder, 'bad.wat'), '(module (func (export "tick") (param f32)\n  unreachable))')
    await writeFile(
      join(folder, 'faulty.js'),
      `import { createWorld } from 'bitecs'
       import { WasmScriptRuntime } from 'bitscript'
       export async function createSimulation() {
         const runtime = await WasmScriptRuntime.create({ world: createWorld() })
         return { runtime, load: () => runtime.loadModule(new URL('bad.wat', import.meta.url)), step: (dt) => runtime.tick(dt) }
       }`,
    )
    const { code, output } = await finished('run', 'faulty.js', '--ticks', '5')
    expect(code).toBe(1)
    expect(output).toMatch(/bad\.tick: unreachable/)
    expect(output).toContain('✗ tick 1: bad.tick at bad.wat:2:3: unreachable')
    expect(output).not.toContain(`${folder}/bad.wat`)
    expect(output).toMatch(/^bad .*1 {2}faulted$/m)
  })

  it.each([
    [2, ['run'], /missing required argument 'sim'/],
    [1, ['run', 'nowhere.js'], /there is no file or folder/],
    [1, ['run', 'scripts-wat'], /has no index\.ts/],
    [2, ['run', SIM, '--ticks', 'many'], /--ticks.*must be a whole number/],
    [2, ['replay', 'game.rec', '--trace', 'mover'], /--trace needs '--tick <n>'/],
    [2, ['replay', 'game.rec', '--trace', 'mover', '--tick', '5', '--hash'], /--hash and --until do not go with --trace/],
    [2, ['who', 'game.rec', '--field', 'Health.points', '--entity', '12', '--count', '0'], /--count.*1 or more/],
    [2, ['run', SIM, '--dt', '0'], /--dt.*must be a number of seconds/],
    [2, ['run', SIM, '--tick', '5'], /unknown option '--tick'/],
    [2, ['run', SIM, '--log-level', 'loud'], /--log-level.*Allowed choices are/],
    [1, ['run', 'package.json'], /package\.json is no simulation/],
    [2, ['jump'], /unknown command 'jump'/],
    [2, [], /Usage: bitscript/],
    [0, ['run', '--help'], /Usage: bitscript run/],
  ])('exits with %d, and says why, for %j', async (exitCode, args, message) => {
    const { code, output } = await finished(...args)
    expect(code).toBe(exitCode)
    expect(output).toMatch(message)
  })
})

describe('a division by zero in the third function of a script', () => {
  it('is printed with file, line, column, frame, and the functions by name', async () => {
    await writeFile(
      join(folder, 'div.wat'),
      `(module
  ;; update calls $second, which calls $third.
  (import "ecs.get" "Health.points" (func $points (param i32) (result i32)))
  (func $second (param $eid i32) (result i32)
    (call $third
      (local.get $eid)))
  (func $third (param $eid i32) (result i32)
    ;; what is left of a hundred
    (i32.div_u
      (i32.const 100)
      (call $points (local.get $eid))))
  (func (export "update") (param $eid i32) (param $dt f32)
    (drop (call $second (local.get $eid)))))`,
    )
    await writeFile(
      join(folder, 'divided.js'),
      `import { addEntity, createWorld } from 'bitecs'
       import { defineComponents, WasmScriptRuntime } from 'bitscript'
       export async function createSimulation() {
         const world = createWorld()
         const components = defineComponents({ Health: { points: 'i32' } })
         const runtime = await WasmScriptRuntime.create({ world, components })
         const load = async () => runtime.attach(addEntity(world, components.Health), await runtime.loadModule(new URL('div.wat', import.meta.url)))
         return { runtime, load, step: (dt) => runtime.tick(dt) }
       }`,
    )
    const { code, output } = await finished('run', 'divided.js', '--ticks', '1')
    expect(code).toBe(1)
    expect(output).toContain(
      [
        '✗ div.wat:9:6 Trap',
        '  div.update on entity 1: divide by zero',
        '     7 |   (func $third (param $eid i32) (result i32)',
        '     8 |     ;; what is left of a hundred',
        '  >  9 |     (i32.div_u',
        '       |      ^',
        '    10 |       (i32.const 100)',
        '    11 |       (call $points (local.get $eid))))',
        '  at third (div.wat:9:6)',
        '  at second (div.wat:5:6)',
        '  at update (div.wat:13:12)',
      ].join('\n'),
    )
  })
})

describe('bitscript check', () => {
  it('prints descriptions of valid scripts and frames of invalid ones, and exits with 1', async () => {
    await writeFile(join(folder, 'bad.wat'), '(module\n  (func (export "tick") (param f32)\n    i32.cost 1))\n')
    const { code, output } = await finished('check', 'scripts-wat/mover.wat', 'bad.wat', 'gone.wat')
    expect(code).toBe(1)
    expect(output).toMatch(/✓ scripts-wat\/mover\.wat {2}\d+ bytes, 2 functions, 0 pages of memory/)
    expect(output).toContain('import ecs.get::Position.x  (i32) → f32')
    expect(output).toContain('export tick  (f32) → ()')
    await writeFile(join(folder, 'misspelt.wat'), '(module (func (export "upate") (param i32 f32)))')
    expect((await finished('check', 'misspelt.wat')).output).toContain("did you mean 'update'?")
    expect(output).toContain('✗ bad.wat:3:5 InvalidText')
    expect(output).toContain('> 3 |     i32.cost 1))\n      |     ^')
    expect(output).toMatch(/✗ gone\.wat LoadFailed/)
  })

  it('checks all scripts in a folder and its subfolders', async () => {
    await mkdir(join(folder, 'mods/one/node_modules'), { recursive: true })
    for (const name of ['mods/top.wat', 'mods/one/deep.WAT', 'mods/one/node_modules/foreign.wat', 'mods/note.txt'])
      await writeFile(join(folder, name), '(module (func (export "tick") (param f32)))')
    const { code, output } = await finished('check', 'mods')
    expect(code).toBe(0)
    expect(output.match(/^✓ \S+/gm)).toEqual(['✓ mods/one/deep.WAT', '✓ mods/top.wat'])
    await mkdir(join(folder, 'nothing'))
    expect(await finished('check', 'nothing')).toEqual({ code: 1, output: expect.stringContaining('✗ nothing LoadFailed') })
  })

  it('prints every mistake of a text, each at its place', async () => {
    await writeFile(join(folder, 'three.wat'), '(module\n  (func i32.cost 1)\n  (func (f32.sum))\n  (func nope))\n')
    const { output } = await finished('check', 'three.wat')
    expect(output.match(/^✗ .*$/gm)).toEqual(['✗ three.wat:2:9 InvalidText', '✗ three.wat:3:10 InvalidText', '✗ three.wat:4:9 InvalidText'])
    expect(output).not.toContain('more)')
    expect(output).toContain('> 4 |   (func nope))\n      |         ^')
  })

  it('marks imports of modules that it does not know, and refuses unknown names of its own', async () => {
    await writeFile(
      join(folder, 'modules.wat'),
      `(module (import "audio" "play" (func)) (import "esc.get" "Position.x" (func (param i32) (result f32)))
         (import "math" "sin" (func (param f64) (result f64))) (func (export "tick") (param f32)))`,
    )
    const { code, output } = await finished('check', 'modules.wat')
    expect(code).toBe(0)
    expect(output).toMatch(/audio::play .*! 'audio' is not a module of bitscript: the game must provide it/)
    expect(output).toMatch(/esc\.get::Position\.x .*did you mean 'ecs\.get'\?/)
    expect(output).toMatch(/math::sin {2}\(f64\) → f64$/m)
    await writeFile(join(folder, 'names.wat'), '(module (import "host" "logg" (func (param i32 i32))) (func (export "tick") (param f32)))')
    expect(await finished('check', 'names.wat')).toEqual({
      code: 1,
      output: expect.stringMatching(/UnknownImport[\s\S]*did you mean 'log'\?/),
    })
  })

  it('prints JSON with --json', async () => {
    await writeFile(join(folder, 'odd.wat'), '(module (import "audio" "pl\\c2\\9by" (func)) (func (export "upate") (param i32 f32)))')
    const { code, output } = await finished('check', 'odd.wat', 'three.wat', '--json')
    expect(code).toBe(1)
    expect(output).not.toContain('\u009b')
    const [odd, three] = JSON.parse(output)
    expect(odd).toMatchObject({
      file: 'odd.wat',
      ok: true,
      mistakes: [],
      module: {
        functions: 1,
        imports: [{ module: 'audio', name: 'pl\u009by', type: '() → ()', warning: expect.stringContaining('--sim') }],
        exports: [{ name: 'upate', type: '(i32, f32) → ()', warning: expect.stringContaining("'update'") }],
      },
    })
    expect(three).toMatchObject({ ok: false, mistakes: [{ code: 'InvalidText', line: 2, column: 9 }, { line: 3 }, { line: 4 }] })
  })

  it('warns with --net of what a script keeps outside of components, and where', async () => {
    const keeps = '(module (global $n (mut i32) (i32.const 0))\n  (func (export "tick") (param f32) (global.set $n (i32.const 1))))'
    await writeFile(join(folder, 'keeps.wat'), keeps)
    const { code, output } = await finished('check', 'keeps.wat', '--net')
    expect(code).toBe(0)
    expect(output).toMatch(/✓ keeps.wat[\s\S]*! keeps.wat:2:38 not predictable\n {2}the global \$n changes: keep what it holds in a field/)
    expect((await finished('check', 'keeps.wat')).output).not.toContain('predictable')
    const [checked] = JSON.parse((await finished('check', 'keeps.wat', '--net', '--json')).output)
    expect(checked).toMatchObject({ ok: true, net: [{ kind: 'global', function: 'tick', line: 2, column: 38 }] })
  })

  it('escapes what could control the terminal, wherever a module may say it', async () => {
    const texts = {
      import:
        '(module (import "ecs.get" "\u001b]0;PWNED\u0007\u001b[2J" (func (param i32) (result f32))) (func (export "tick") (param f32)))',
      frame: '(module (func $f (export "tick") (param f32) (i32.cost 0)) ;; \u001b[31mred\u001b]52;c;ZWNobw==\u0007\u202e\n)',
      export: '(module (func (export "t\u001b[2Jck\\n✓ other.wat  1 bytes") (param f32)))',
      module: '(module (import "x\\1b[2J\\c2\\9by" "z" (func)) (func (export "tick") (param f32)))',
      token: '(module (func \u001b[2J))',
    }
    await mkdir(join(folder, 'evil'))
    for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, 'evil', `${name}.wat`), text)
    const [{ output = '' } = {}, linked, json] = await Promise.all(
      [[], ['--sim', SIM], ['--json']].map((args) => finished('check', 'evil', ...args)),
    )
    for (const text of [output, linked?.output, json?.output]) {
      expect(text).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u)
      expect(text).not.toMatch(/^✓ other/m)
    }
    expect(output).toContain('export t\\x1b[2Jck\\n✓ other.wat')
    expect(output).toContain('import x\\x1b[2J\\x9by::z')
    expect(output).toContain(';; \\x1b[31mred\\x1b]52;c;ZWNobw==\\x07\\u202e')
  })

  it('links against the components and host functions of a simulation', async () => {
    await writeFile(
      join(folder, 'typo.wat'),
      '(module (import "ecs.get" "Positon.x" (func (param i32) (result f32))) (func (export "tick") (param f32)))',
    )
    const alone = await finished('check', 'typo.wat')
    expect(alone.code).toBe(0)
    const linked = await finished('check', 'typo.wat', 'scripts-wat/gun.wat', '--sim', SIM)
    expect(linked.code).toBe(1)
    expect(linked.output).toContain("did you mean 'Position.x'?")
    expect(linked.output).toContain('import audio::play  (i32) → ()')
  })
})

describe('bitscript dev', () => {
  const save = async (name: string, change: (text: string) => string): Promise<void> => {
    const path = join(folder, 'scripts-wat', name)
    await writeFile(path, change(await readFile(path, 'utf8')))
  }
  const reloaded = (running: Running, generation: number): Promise<string> =>
    running.printed(new RegExp(`^waves\\.wat → generation ${generation}, state restored, \\d+ ms$`, 'm'))

  it('applies ten edits of a running script, two of them with mistakes, and keeps its state', async () => {
    const running = bitscript(folder, 'dev', SIM, '--seed', '7')
    await running.printed(/wave 1 begins/)
    let generation = 1
    for (let edit = 1; edit <= 10; edit++) {
      if (edit === 4 || edit === 8) {
        await save('waves.wat', (text) => text.replace('(global $at (mut i32) (i32.const 0))', '(global $at (mut i32) (i32.cost 0))'))
        await running.printed(/✗ scripts-wat\/waves\.wat:36:26 InvalidText/)
        await running.printed(/> 36 \| {3}\(global \$at \(mut i32\) \(i32\.cost 0\)\)\n/)
        await running.printed(new RegExp(`generation ${generation} runs on`))
        await save('waves.wat', (text) => text.replace('i32.cost', 'i32.const'))
      } else {
        await save('waves.wat', (text) =>
          text.replace(/\(i32\.const \d+\)\) \(global\.get \$size\)/, `(i32.const ${5 + edit})) (global.get $size)`),
        )
      }
      await reloaded(running, ++generation)
    }
    running.process.kill('SIGINT')
    expect(await running.ended).toBe(0)
    const output = running.output()
    // If an edit had lost the state, the next wave would have been wave 1 again.
    expect(output.match(/wave 1 begins/g)).toHaveLength(1)
    expect(output).toMatch(/^waves .* 11 +\d+ +0 {2}active$/m)
    expect(output).toMatch(/10 reloads/)
  })

  it('shows what a reload carried and dropped, and with --quiet no log lines', async () => {
    await writeFile(join(folder, 'scripts-wat/counter.wat'), COUNTER)
    const running = bitscript(folder, 'dev', SIM, '--quiet')
    await running.printed(/\d+ scripts run/)
    // The file is new in the folder, so the first save that is noticed loads it.
    await expect
      .poll(
        async () => {
          await save('counter.wat', (text) => `${text}\n`)
          return running.output()
        },
        { interval: 100 },
      )
      .toContain('counter.wat → loaded')
    await save('counter.wat', (text) => text.replace('$gone', '$other').replace('"gone"', '"other"').replace('f32.const 1', 'f32.const 2'))
    await running.printed(/^counter\.wat → generation 2, state preserved, \d+ ms\n {2}carried: .*count.*\n {2}dropped: .*gone/m)
    await save('counter.wat', (text) => text.replace('"tick"', '"tik"'))
    await running.printed(
      /generation 3, .*\n(?: {2}.*\n)* {2}! it no longer exports 'tick', which the runtime called\n {2}! export 'tik': .*'tick'/m,
    )
    running.process.kill('SIGINT')
    await running.ended
    await rm(join(folder, 'scripts-wat/counter.wat'))
    expect(running.output()).not.toContain('wave 1 begins')
  })

  it('prints log lines from --log-level on', async () => {
    await writeFile(join(folder, 'levels.js'), LEVELS)
    const { output } = await finished('run', 'levels.js', '--ticks', '1', '--log-level', 'warn')
    expect(output.match(/^\[0\].*$/gm)).toEqual(['[0] all warn: w', '[0] all error: e'])
  })

  it('ends with 1 if the code of the game throws', async () => {
    await writeFile(join(folder, 'throwing-step.js'), LEVELS.replace('runtime.tick(dt)', "{ throw new RangeError('too far') }"))
    const { code, output } = await finished('dev', 'throwing-step.js', '--quiet')
    expect(code).toBe(1)
    expect(output).toContain('RangeError: too far')
  })

  it('says that the code of the simulation itself is not reloaded', async () => {
    const running = bitscript(folder, 'dev', SIM, '--quiet')
    await running.printed(/scripts run/)
    const file = join(folder, 'demo/sim/components.ts')
    await writeFile(file, `${await readFile(file, 'utf8')}\n`)
    await running.printed(/! demo\/sim\/components\.ts was saved: the game's own code is not reloaded/)
    running.process.kill('SIGINT')
    await running.ended
  })

  it('waits until a script with a mistake is corrected', async () => {
    await save('score.wat', (text) => text.replace('(module', '(modul'))
    const running = bitscript(folder, 'dev', SIM)
    await running.printed(/✗ scripts-wat\/score\.wat:\d+:\d+ InvalidText/)
    await running.printed(/waiting until it is saved/)
    // Another mistake, in no place of the text, does not end the command.
    const original = await readFile(join(folder, 'scripts-wat/score.wat'), 'utf8')
    await expect
      .poll(
        async () => {
          await save('score.wat', () => `(module) ;; ${Math.random()}`)
          return running.output()
        },
        { interval: 100 },
      )
      .toContain('score MissingExport')
    await writeFile(join(folder, 'scripts-wat/score.wat'), original)
    // Watching starts at an unknown moment, so save until a save is noticed.
    await expect
      .poll(
        async () => {
          await save('score.wat', (text) => text.replace('(modul\n', '(module\n'))
          return running.output()
        },
        { interval: 100 },
      )
      .toContain(`${SCRIPTS.length} scripts run`)
    running.process.kill('SIGINT')
    expect(await running.ended).toBe(0)
  })
})
