import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createWorld } from 'bitecs'
import { defineComponents, describeGame, type GameDescription, WasmScriptRuntime } from 'bitscript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generatedText, stateOfText } from '../../../src/node/bindings/generated-file.ts'
import { bindingsOf } from '../../../src/node/bindings/printers.ts'
import { updateFiles } from '../../../src/node/bindings/update-files.ts'
import type { LanguageName } from '../../../src/node/language-option.ts'
import { scriptsAmong } from '../../../src/node/script-files.ts'
import { bitscript, createProject } from '../../fixtures/project.ts'

const library = async (name: LanguageName): Promise<string> => `library of ${name}`

async function describeWith(names: Parameters<typeof defineComponents>[0], script?: string): Promise<GameDescription> {
  const runtime = await WasmScriptRuntime.create({ world: createWorld(), components: defineComponents(names) })
  if (script !== undefined) await runtime.loadModule(script, { name: 'script' })
  const game = describeGame(runtime)
  runtime.dispose()
  return game
}

const SCRIPT = '(module (import "emit" "boom" (func (param f32))) (func (export "on_hit") (param i32)))'

describe('a generated file', () => {
  const text = generatedText({ comment: '//', file: 'game.h' }, 'c', 'one\ntwo\n')

  it('is known by the hash of its content, whatever its line ends are', () => {
    expect(stateOfText(text)).toBe('generated')
    expect(stateOfText(text.replaceAll('\n', '\r\n'))).toBe('generated')
  })

  it('that was edited is known, too', () => {
    expect(stateOfText(`${text}three\n`)).toBe('edited')
    expect(stateOfText(text.replace('one', 'One'))).toBe('edited')
    expect(stateOfText('one\ntwo\n')).toBe('foreign')
  })
})

describe('the files of a folder', () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bitscript-bindings-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const file = (name: string): string => join(folder, name)
  const update = (game: GameDescription, isComplete = true) =>
    updateFiles(game, { folders: new Set([folder, file('absent')]), isComplete, library })

  it('are written anew when the game has changed, unless they were edited or come from elsewhere', async () => {
    const before = await describeWith({ Position: { x: 'f32' } })
    const after = await describeWith({ Position: { x: 'f32', y: 'f32' } })
    await writeFile(file('game.h'), bindingsOf(before, 'c', 'library of c'))
    await writeFile(file('game.ts'), `${bindingsOf(before, 'as', 'library of as')}// mine\n`)
    await writeFile(file('game.rs'), 'mod mine;\n')
    expect(await update(before)).toEqual([{ file: file('game.ts'), state: 'edited' }])
    expect(await update(after)).toEqual([
      { file: file('game.ts'), state: 'edited' },
      { file: file('game.h'), state: 'written' },
    ])
    expect(await readFile(file('game.h'), 'utf8')).toBe(bindingsOf(after, 'c', 'library of c'))
    expect(await readFile(file('game.ts'), 'utf8')).toMatch(/\/\/ mine\n$/)
    expect(await readFile(file('game.rs'), 'utf8')).toBe('mod mine;\n')
    expect(await update(after)).toEqual([{ file: file('game.ts'), state: 'edited' }])
  })

  it('keep what scripts name when those cannot be loaded, and get new components all the same', async () => {
    const loaded = await describeWith({ Position: { x: 'f32' } }, SCRIPT)
    await writeFile(file('game.h'), bindingsOf(loaded, 'c', 'library of c'))
    await update(await describeWith({ Position: { x: 'f32', new: 'f32' } }), false)
    const kept = await readFile(file('game.h'), 'utf8')
    expect(stateOfText(kept)).toBe('generated')
    for (const name of ['emit_boom(float value1)', 'emit_hit(int32_t value1)', 'attach_script(entity e)', 'position_new(entity e)'])
      expect(kept).toContain(name)
    await update(await describeWith({ Position: { x: 'f32' } }))
    expect(await readFile(file('game.h'), 'utf8')).not.toMatch(/emit_boom|attach_script|position_new/)
  })

  it('are no scripts', async () => {
    await writeFile(file('game.wat'), bindingsOf(await describeWith({}), 'wat', 'library of wat'))
    await writeFile(file('mover.wat'), '(module (func (export "tick") (param f32)))')
    expect(await scriptsAmong([file('game.wat'), file('mover.wat')])).toEqual([file('mover.wat')])
  })
})

describe('bitscript bindings', () => {
  let folder: string
  let remove: () => Promise<void>

  beforeAll(async () => {
    ;({ folder, remove } = await createProject())
  })
  afterAll(() => remove())

  it('writes a file into a folder, and keeps one that was edited', async () => {
    const written = bitscript(folder, 'bindings', 'demo/sim', '--lang', 'c', '-o', 'scripts-wat')
    expect([await written.ended, written.output()]).toEqual([0, 'scripts-wat/game.h is written\n'])
    const file = join(folder, 'scripts-wat/game.h')
    const text = await readFile(file, 'utf8')
    expect(text).toBe(await readFile(new URL('../../../demo/languages/game.h', import.meta.url), 'utf8'))
    await writeFile(file, text.replace('float position_x', 'int position_x'))
    const refused = bitscript(folder, 'bindings', 'demo/sim', '--lang', 'c', '-o', 'scripts-wat')
    expect(await refused.ended).toBe(1)
    expect(refused.output()).toContain('game.h was edited since it was made: move it away, or overwrite it with --force')
    const updated = bitscript(folder, 'bindings', 'demo/sim', '--update')
    expect([await updated.ended, updated.output()]).toEqual([0, '! scripts-wat/game.h was edited, so it is not kept up to date\n'])
    const forced = bitscript(folder, 'bindings', 'demo/sim', '--lang', 'c', '-o', 'scripts-wat', '--force')
    expect([await forced.ended, await readFile(file, 'utf8')]).toEqual([0, text])
  })

  it('needs a language that it knows', async () => {
    const unknown = bitscript(folder, 'bindings', 'demo/sim', '--lang', 'cobol')
    const none = bitscript(folder, 'bindings', 'demo/sim')
    expect([await unknown.ended, await none.ended]).toEqual([2, 2])
    expect(unknown.output()).toContain('It is no language')
    expect(none.output()).toContain("required option '--lang <language>' not specified")
  })
})
