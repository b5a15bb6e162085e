import { mkdir, readdir, symlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { LANGUAGE_TITLES, type LanguageName } from '../../../src/node/language-option.ts'
import { missingCompiler } from '../../../src/node/new/missing-compiler.ts'
import { GUEST_PACKAGES } from '../../fixtures/find-compilers.ts'
import { createEmptyFolder, type EmptyFolder, stop } from '../../fixtures/new-game.ts'
import { REPOSITORY } from '../../fixtures/project.ts'

/** For each language its script, the line that lets the lantern reach so far, and one that lets it reach everything. */
const EDITS: Readonly<Record<LanguageName, readonly [file: string, reach: string, more: string]>> = {
  wat: ['fireflies.wat', '(global $reach f32 (f32.const 36))', '(global $reach f32 (f32.const 2000))'],
  as: ['fireflies.ts', 'const REACH: f32 = 36', 'const REACH: f32 = 2000'],
  c: ['fireflies.c', 'REACH = 36;', 'REACH = 2000;'],
  rust: ['fireflies.rs', 'const REACH: f32 = 36.0;', 'const REACH: f32 = 2000.0;'],
}
/** The world after 600 ticks with the seed 7: the scripts of each language do the same. */
const WORLD_HASH = '1e59546f4eabf3eb'
const MISTAKE = 'no language has this line'

/** The languages whose compiler is missing here, and what is said of it. */
const missing = new Map<LanguageName, string>()
for (const lang of ['c', 'rust'] as const) {
  const said = await missingCompiler(join(REPOSITORY, 'templates', lang, 'scripts', EDITS[lang][0]))
  if (said !== undefined) missing.set(lang, said)
}
if (!inject('compilers').includes('as')) missing.set('as', 'AssemblyScript is not installed in build/guests')

let empty: EmptyFolder
beforeAll(async () => {
  empty = await createEmptyFolder()
})
afterAll(() => empty.remove())

/** Gives a game the packages of the game in WAT, and others. */
async function linkPackages(game: string, others: readonly string[]): Promise<void> {
  const packages = join(empty.folder, 'plain-wat/node_modules')
  const own = join(empty.folder, game, 'node_modules')
  await mkdir(own)
  for (const name of await readdir(packages)) await symlink(join(packages, name), join(own, name))
  for (const other of others) await symlink(other, join(own, basename(other)))
}

describe.each(Object.keys(EDITS) as LanguageName[])('a new game with scripts in %s', (lang) => {
  const [file, reach, more] = EDITS[lang]

  const test = it.skipIf(missing.has(lang))
  if (missing.has(lang)) console.info(`not tested: ${missing.get(lang)}`)

  test('is tested, built and run, and goes on with its state when a script is saved', async () => {
    const game = `plain-${lang}`
    // npm, npx and what they install are the same for every language: docs/first-game.md, which a test of its own follows, installs AssemblyScript.
    const isFirst = lang === 'wat'
    const command = isFirst ? 'npx bitscript' : 'plain-wat/node_modules/.bin/bitscript'
    expect(await empty.type(`${command} new ${game} --lang ${lang}`)).toContain(`is a game with scripts in ${LANGUAGE_TITLES[lang]}.`)
    if (isFirst) await empty.type('npm install --prefer-offline --no-audit --no-fund', game)
    else await linkPackages(game, lang === 'as' ? [join(GUEST_PACKAGES, 'assemblyscript')] : [])
    /** What a user types to run a script of the game's package.json. */
    const line = async (script: string): Promise<string> => (isFirst ? `npm run --silent ${script} --` : empty.scriptLine(script, game))
    const bindings = { as: 'game.ts', c: 'game.h', rust: 'game.rs', wat: undefined }[lang]
    if (bindings !== undefined) {
      const made = await empty.type(`node_modules/.bin/bitscript bindings sim --lang ${lang}`, game)
      await expect(made).toMatchFileSnapshot(join(REPOSITORY, 'templates', lang, 'scripts', bindings))
    }
    // What it prints does not depend on the language, and compilers take seconds.
    if (isFirst) {
      expect(await empty.type('npm test', game)).toMatch(/Tests\s+2 passed/)
      expect(await empty.type('npm start -- --ticks 60', game)).toMatch(/60 ticks in/)
    }
    expect(await empty.type(await line('build'), game)).toContain(`✓ scripts/${file}`)
    const played = await empty.type(`${await line('start')} --ticks 600 --seed 7 --quiet --json`, game)
    expect(JSON.parse(played)).toMatchObject({ hash: WORLD_HASH, faults: [] })

    // docs/first-game.md saves scripts in AssemblyScript.
    if (lang === 'as') return
    const dev = empty.start(await line('dev'), game)
    onTestFinished(() => stop(dev))
    await dev.printed(/3 scripts run: lantern, fireflies, drift\. Save one to reload it/)
    await dev.printed(/fireflies (ten more|10) fireflies are caught/)
    await empty.edit(`${game}/scripts/${file}`, reach, more)
    await dev.printed(new RegExp(`${file} → generation 2, state restored`))
    const good = await empty.read(`${game}/scripts/${file}`)
    await empty.write(`${game}/scripts/${file}`, `${good}\n${MISTAKE}\n`)
    await dev.printed(new RegExp(`✗ scripts/${file}:${good.split('\n').length + 1}:\\d+ Invalid[\\s\\S]*generation 2 runs on`))
    await empty.write(`${game}/scripts/${file}`, good)
    await dev.printed(new RegExp(`${file} → generation 3, state restored`))
  })
})
