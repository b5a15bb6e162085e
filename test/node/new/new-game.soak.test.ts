import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { LANGUAGE_TITLES, type LanguageName } from '../../../src/node/language-option.ts'
import { createEmptyFolder, type EmptyFolder, stop } from '../../fixtures/new-game.ts'

/** For each language the file of a script, the edit that lets the lantern catch more, and a mistake. */
const EDITS: Readonly<Partial<Record<LanguageName, { readonly file: string; readonly reach: RegExp; readonly more: string }>>> = {
  wat: { file: 'fireflies.wat', reach: /\(global \$reach f32 \(f32\.const 36\)\)/, more: '(global $reach f32 (f32.const 300))' },
}
const MISTAKE = 'no language has this line'

let empty: EmptyFolder
beforeAll(async () => {
  empty = await createEmptyFolder()
})
afterAll(() => empty.remove())

describe.each(Object.keys(EDITS) as LanguageName[])('a new game with scripts in %s', (lang) => {
  const { file, reach, more } = EDITS[lang] as NonNullable<(typeof EDITS)[LanguageName]>

  it('is tested, built and run, and goes on with its state when a script is saved', async () => {
    expect(await empty.type(`npx bitscript new plain-${lang} --lang ${lang}`)).toContain(
      `is a game with scripts in ${LANGUAGE_TITLES[lang]}.`,
    )
    const game = `plain-${lang}`
    await empty.type('npm install --no-audit --no-fund', game)
    expect(await empty.type('npm test', game)).toMatch(/Tests\s+2 passed/)
    expect(await empty.type('npm run build', game)).toContain(`✓ scripts/${file}`)
    expect(await empty.type('npm start -- --ticks 60', game)).toMatch(/60 ticks in/)

    const dev = empty.start('npm run dev', game)
    onTestFinished(() => stop(dev))
    await dev.printed(/3 scripts run: lantern, fireflies, drift\. Save one to reload it/)
    await dev.printed(/fireflies ten more fireflies are caught/)
    await empty.edit(`${game}/scripts/${file}`, reach, more)
    await dev.printed(new RegExp(`${file} → generation 2, state restored`))
    const good = await empty.read(`${game}/scripts/${file}`)
    await empty.write(`${game}/scripts/${file}`, `${good}\n${MISTAKE}\n`)
    await dev.printed(new RegExp(`✗ scripts/${file}:${good.split('\n').length + 1}:\\d+ Invalid[\\s\\S]*generation 2 runs on`))
    await empty.write(`${game}/scripts/${file}`, good)
    await dev.printed(new RegExp(`${file} → generation 3, state restored`))
  })

  it('is tested and built as a page', async () => {
    const game = `page-${lang}`
    await empty.type(`npx bitscript new ${game} --lang ${lang} --vite`)
    await empty.type('npm install --no-audit --no-fund', game)
    expect(await empty.type('npm test', game)).toMatch(/Tests\s+2 passed/)
    expect(await empty.type('npm run build', game)).toMatch(/dist\/assets\/fireflies-.*\.wasm/)
  })
})
