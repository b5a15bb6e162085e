import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { axeComplaints } from '../../fixtures/axe.ts'
import { launchBrowser, type OpenPage } from '../../fixtures/browser.ts'
import { createStage, type Stage } from './stage.ts'
import { TEXTS } from './texts.ts'

let browser: Browser
let stage: Stage
let opened: OpenPage | undefined

beforeAll(async () => {
  browser = await launchBrowser()
  stage = await createStage(browser)
})
afterAll(async () => {
  await stage?.close()
  await browser?.close()
})
afterEach(async () => {
  await opened?.close()
  expect(opened?.complaints).toEqual([])
})

async function open(options?: Parameters<Stage['open']>[0]): Promise<Page> {
  opened = await stage.open(options)
  return opened.page
}

const hunter = TEXTS.get('hunter') as string
const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()
const choose = (page: Page, name: string): Promise<void> => page.getByRole('option', { name: new RegExp(`^\\W*${name}`) }).click()
const says = (page: Page, text: string | RegExp): Promise<void> => page.getByRole('status').filter({ hasText: text }).waitFor()
const text = (page: Page, name: string): Promise<string> =>
  page.evaluate(
    (script) => window.fake.editor.changed().get(script) ?? (window.texts.find(([each]) => each === script)?.[1] as string),
    name,
  )
const tried = (page: Page): Promise<[string, string][]> => page.evaluate(() => window.fake.tried)
const code = (page: Page) => page.getByRole('textbox', { name: /\.wat$/ })
/** Returns the number of the caret's line in the gutter. */
const caretLine = (page: Page) => page.locator('.cm-lineNumbers .cm-activeLineGutter').textContent()
/** Returns the lines that are marked in the gutter, by their position on the screen. */
async function markedLine(page: Page): Promise<string> {
  const box = await page.locator('.cm-lint-marker-error').boundingBox()
  const numbers = page.locator('.cm-lineNumbers .cm-gutterElement')
  for (const number of await numbers.all()) {
    const own = await number.boundingBox()
    if (own !== null && box !== null && own.y <= box.y + box.height / 2 && box.y + box.height / 2 < own.y + own.height)
      return (await number.textContent()) ?? ''
  }
  return ''
}

/** Returns the selected text of the editor. */
const selected = (page: Page) => page.evaluate(() => window.fake.selected())

describe('the editor', () => {
  it('runs the text by key and by button, and shows the outcome', async () => {
    const page = await open()
    await choose(page, 'hunter')
    await code(page).focus()
    await page.keyboard.press('Control+Home')
    await page.keyboard.type(';; mine\n')
    await page.keyboard.press('Control+s')
    await says(page, 'hunter: the code is the same, generation 1 goes on')
    await page.keyboard.press('Control+End')
    await page.keyboard.type('\n(; more ;)')
    await press(page, 'Run')
    await says(page, 'hunter: generation 2, state restored, 3 ms')
    expect(await tried(page)).toEqual([
      ['hunter', `;; mine\n${hunter}`],
      ['hunter', expect.stringMatching(/^;; mine\n.*\n\(; more ;\)/s)],
    ])
    expect(await page.getByRole('option', { name: 'hunter (changed)' }).getAttribute('aria-selected')).toBe('true')
    expect(await page.evaluate(() => [...window.fake.editor.changed().keys()])).toEqual(['hunter'])
  })

  it('shows a mistake at its line until a run without mistakes', async () => {
    const page = await open()
    await press(page, 'Break it on purpose')
    await says(page, 'hunter, line 36: unexpected token "i32.cost", expected an instr (and 15 more); the game runs on')
    expect(await markedLine(page)).toBe('36')
    expect(await page.locator('.cm-lintRange-error').textContent()).toBe('i32.cost')
    await page.getByRole('option', { name: 'hunter (mistake)' }).waitFor()
    await choose(page, 'gun')
    await choose(page, 'hunter')
    await code(page).press('Control+Home')
    await press(page, 'Go to it')
    expect(await caretLine(page)).toBe('36')
    await page.keyboard.press('Control+ArrowRight')
    await page.keyboard.press('Control+ArrowRight')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.type('n')
    await page.keyboard.press('Backspace')
    expect(await page.locator('.cm-lintRange-error').count()).toBe(1)
    await press(page, 'Mend what is broken')
    await says(page, /hunter: generation 2/)
    expect(await page.locator('.cm-lintRange-error, .cm-lint-marker').count()).toBe(0)
    expect(await text(page, 'hunter')).toBe(hunter)
    expect(await page.getByRole('button', { name: 'Go to it' }).count()).toBe(0)
    await page.getByRole('option', { name: 'hunter', exact: true }).waitFor()
    await page.getByRole('button', { name: 'Break it on purpose' }).waitFor()
  })

  it('shows a later trap at the current position of its line, and its outcome', async () => {
    const page = await open()
    await press(page, 'Trap on purpose')
    await says(page, 'hunter: generation 2')
    await code(page).press('Control+Home')
    await page.keyboard.type('\n\n')
    await choose(page, 'gun')
    await page.evaluate(() => window.fake.frame())
    await says(page, /^hunter, line \d+, entity 12: divide by zero; taken back: generation 1 runs on from tick 7$/)
    await page.getByRole('option', { name: 'hunter (mistake)' }).waitFor()
    await press(page, 'Go to it')
    const line = hunter.slice(0, hunter.indexOf('(local $dx')).split('\n').length + 1
    expect(await markedLine(page)).toBe(String(line + 2))
    expect(await page.locator('.cm-lintRange-error').textContent()).toBe('i32.div_s')
    // After the rollback the previous text runs: locations of later traps refer to it.
    await page.evaluate(() => window.fake.trap('hunter', 33, 4))
    await says(page, 'hunter, line 33, entity 12: divide by zero; correct it and run it again')
    await press(page, 'Go to it')
    expect(await markedLine(page)).toBe('35')
    expect(await page.locator('.cm-lintRange-error').textContent()).toBe('global')
    await press(page, 'Mend the trap')
    await says(page, 'generation 1 goes on')
    expect(await page.locator('.cm-lintRange-error').count()).toBe(0)
  })

  it('returns the texts that the game runs', async () => {
    const page = await open()
    const running = () => page.evaluate(() => [...window.fake.editor.running()])
    await press(page, 'Break it on purpose')
    await says(page, 'i32.cost')
    expect(await running()).toEqual([])
    await press(page, 'Mend what is broken')
    await press(page, 'Make the swarm flee')
    await says(page, 'generation 3')
    const fleeing = await text(page, 'hunter')
    expect(await running()).toEqual([['hunter', fleeing]])
    await press(page, 'Trap on purpose')
    await says(page, 'generation 4')
    expect(await running()).toEqual([['hunter', await text(page, 'hunter')]])
    await page.evaluate(() => window.fake.frame())
    await says(page, 'taken back')
    expect(await running()).toEqual([['hunter', fleeing]])
    await press(page, 'Revert')
    await says(page, /hunter: generation/)
    expect(await running()).toEqual([])
  })

  it('formats in one undo step, and keeps the caret', async () => {
    const page = await open()
    const messy = hunter.replace(/^ +/gm, '')
    await page.evaluate((wanted) => window.fake.editor.setText('hunter', wanted), messy)
    await choose(page, 'hunter')
    await code(page).focus()
    await page.keyboard.press('Control+Home')
    for (let line = 1; line < 33; line++) await page.keyboard.press('ArrowDown')
    await page.keyboard.press('End')
    await press(page, 'Format')
    expect(await text(page, 'hunter')).toBe(hunter)
    await code(page).focus()
    await page.keyboard.type(';here')
    expect(await text(page, 'hunter')).toContain('(global $speed f32 (f32.const 60));here\n')
    await page.keyboard.press('Control+z')
    await page.keyboard.press('Control+z')
    expect(await text(page, 'hunter')).toBe(messy)
    await press(page, 'Redo')
    await press(page, 'Format')
    await says(page, 'hunter: every line is in its place')
  })

  it('undoes, redoes and reverts', async () => {
    const page = await open()
    await choose(page, 'hunter')
    const undo = page.getByRole('button', { name: 'Undo' })
    expect(await undo.getAttribute('aria-disabled')).toBe('true')
    await code(page).press('Control+Home')
    await page.keyboard.type(';;')
    expect(await undo.getAttribute('aria-disabled')).toBe('false')
    await undo.click()
    expect(await text(page, 'hunter')).toBe(hunter)
    await press(page, 'Redo')
    expect(await text(page, 'hunter')).toBe(`;;${hunter}`)
    await press(page, 'Run')
    await says(page, 'the code is the same')
    await press(page, 'Revert')
    await expect.poll(async () => (await tried(page)).at(-1)).toEqual(['hunter', hunter])
    await press(page, 'Revert')
    await says(page, 'hunter is what its file says')
    await undo.click()
    expect(await text(page, 'hunter')).toBe(`;;${hunter}`)
  })

  it('keeps the undo history, the caret and the scroll position of each script', async () => {
    const page = await open()
    await choose(page, 'hunter')
    await code(page).press('Control+End')
    await page.keyboard.type(';a')
    const scroll = () => page.locator('.cm-scroller').evaluate((scroller) => scroller.scrollTop)
    const before = await scroll()
    expect(before).toBeGreaterThan(200)
    await choose(page, 'gun')
    expect(await scroll()).toBe(0)
    expect(await page.getByRole('button', { name: 'Undo' }).getAttribute('aria-disabled')).toBe('true')
    await code(page).press('Control+Home')
    await page.keyboard.type(';b')
    await choose(page, 'hunter')
    await expect.poll(scroll).toBe(before)
    await press(page, 'Undo')
    expect(await page.evaluate(() => [...window.fake.editor.changed().keys()])).toEqual(['gun'])
    await choose(page, 'gun')
    await press(page, 'Undo')
    expect(await page.evaluate(() => window.fake.editor.changed().size)).toBe(0)
  })

  it('shares a link through the clipboard', async () => {
    const page = await open({ permissions: ['clipboard-read', 'clipboard-write'] })
    await press(page, 'Bigger shots')
    await press(page, 'Share')
    await says(page, 'A link to your text of gun is in the clipboard')
    const link = new URL(await page.evaluate(() => navigator.clipboard.readText()))
    expect(link.origin + link.pathname).toBe(new URL(page.url()).origin + new URL(page.url()).pathname)
    const shared = await page.evaluate((hash) => window.fake.decodeShare(hash), link.hash)
    expect(shared).toEqual([{ script: 'gun', text: await text(page, 'gun') }])
    const bomb = await page.evaluate(async () => {
      const stream = new Blob([new Uint8Array(5_000_000)]).stream().pipeThrough(new CompressionStream('deflate-raw'))
      const packed = new Uint8Array(await new Response(stream).arrayBuffer())
      return window.fake.decodeShare(
        `#scripts=${btoa(String.fromCharCode(...packed))
          .replaceAll('+', '-')
          .replaceAll('/', '_')
          .replaceAll('=', '')}`,
      )
    })
    expect(bomb).toBeUndefined()
  })

  it('shows the link in a field if the clipboard is not available, and no link if the text is too long', async () => {
    const page = await open()
    await page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new DOMException('no', 'NotAllowedError'))
    })
    await press(page, 'Share')
    const field = page.getByRole('textbox', { name: 'Link to copy' })
    await field.waitFor()
    expect(await field.inputValue()).toMatch(/#scripts=[\w-]+$/)
    expect(await field.evaluate((input: HTMLInputElement) => [input.readOnly, input.selectionEnd === input.value.length])).toEqual([
      true,
      true,
    ])
    await page.evaluate(() => window.fake.editor.setText('boss', Array.from({ length: 9000 }, () => Math.random()).join('')))
    await press(page, 'Share')
    await says(page, 'boss is too long for a link')
    expect(await field.count()).toBe(0)
  })

  it('offers examples, which open the script, are one undo step, run, and can be reverted', async () => {
    const page = await open()
    for (const [label, script] of [
      ['Make the swarm flee', 'hunter'],
      ['Double the fire rate', 'player'],
      ['Bigger shots', 'gun'],
    ] as const) {
      const button = page.getByRole('button', { name: label })
      expect(await button.getAttribute('aria-pressed')).toBe('false')
      await button.click()
      await says(page, `${script}: generation 2`)
      expect(await button.getAttribute('aria-pressed')).toBe('true')
      expect(await page.getByRole('option', { selected: true }).textContent()).toContain(script)
      await press(page, 'Undo')
      expect(await text(page, script)).toBe(TEXTS.get(script))
      expect(await button.getAttribute('aria-pressed')).toBe('false')
      await press(page, 'Redo')
      await button.click()
      await says(page, `${script}: generation 3`)
      expect(await text(page, script)).toBe(TEXTS.get(script))
    }
    await page.evaluate(() => window.fake.editor.setText('gun', '(module)'))
    await press(page, 'Bigger shots')
    await says(page, "gun was changed where 'Bigger shots' would change it; Revert makes it what it was")
  })

  it('runs as you type, after a delay, if the option is on', async () => {
    const page = await open()
    const pass = (milliseconds: number) => page.evaluate((many) => window.fake.pass(many), milliseconds)
    await code(page).press('Control+Home')
    await page.keyboard.type(';')
    await pass(1000)
    expect(await tried(page)).toEqual([])
    await page.getByLabel('Run as you type').check()
    await pass(400)
    await expect.poll(async () => (await tried(page)).length).toBe(1)
    await code(page).focus()
    await page.keyboard.type(';')
    await pass(399)
    await page.keyboard.type(' ')
    await pass(399)
    expect((await tried(page)).length).toBe(1)
    await pass(1)
    await expect.poll(async () => (await tried(page)).at(-1)?.[1].slice(0, 3)).toBe(';; ')
    await page.keyboard.type('x')
    await page.keyboard.press('Control+s')
    await pass(1000)
    expect((await tried(page)).length).toBe(3)
    // What the page sets is not typed.
    await page.evaluate(() => {
      window.fake.editor.setText('gun', '(module)')
      window.fake.editor.setRunning('player', '(module)')
      window.fake.editor.stop()
    })
    await pass(1000)
    expect((await tried(page)).length).toBe(3)
    await page.keyboard.type('y')
    await page.getByLabel('Run as you type').uncheck()
    await pass(1000)
    expect((await tried(page)).length).toBe(3)
  })

  it('can be used with the keyboard alone', async () => {
    const page = await open()
    const focused = () => page.evaluate(() => (document.activeElement as HTMLElement).textContent.split('\n')[0]?.trim())
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('boss')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowDown')
    expect(await focused()).toBe('collide')
    expect(await code(page).getAttribute('aria-label')).toBe('collide.wat')
    await page.keyboard.press('End')
    expect(await focused()).toBe('waves')
    await page.keyboard.press('Home')
    for (const name of ['Run', 'Undo', 'Redo', 'Format', 'Revert', 'Share', 'Diff', 'Heat', 'New']) {
      await page.keyboard.press('Tab')
      expect(await focused()).toBe(name)
    }
    await page.keyboard.press('Tab')
    expect(await page.getByRole('group', { name: 'Text of the script' }).evaluate((group) => group.matches(':focus-visible'))).toBe(true)
    await page.keyboard.press('Tab')
    expect(await code(page).evaluate((content) => content.matches(':focus'))).toBe(true)
    const described = await code(page).getAttribute('aria-describedby')
    expect(await page.locator(`[id="${described}"]`).textContent()).toBe(
      'Ctrl+S runs, F1 explains, F12 goes to the definition, F9 sets a breakpoint. Tab indents; Escape, then Tab leaves.',
    )
    await page.keyboard.press('Tab')
    expect(await text(page, 'boss')).toBe(`  ${TEXTS.get('boss')}`)
    await page.keyboard.press('Shift+Tab')
    expect(await text(page, 'boss')).toBe(TEXTS.get('boss'))
    await page.keyboard.press('Escape')
    await page.keyboard.press('Tab')
    expect(await page.getByLabel('Run as you type').evaluate((box) => box === document.activeElement)).toBe(true)
    for (let stops = 0; !(await focused())?.startsWith('Break it') && stops < 8; stops++) await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await says(page, 'i32.cost')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Mend')
    await page.keyboard.press('Control+s')
    await expect.poll(async () => (await tried(page)).length).toBe(2)
    await page.keyboard.press('Enter')
    await says(page, 'hunter: generation 2')
    await code(page).focus()
    await page.keyboard.press('Control+End')
    await page.keyboard.press('Enter')
    await page.keyboard.type('(a')
    await page.keyboard.press('Enter')
    await page.keyboard.type('b')
    await page.keyboard.press('Enter')
    await page.keyboard.type(')')
    expect((await text(page, 'hunter')).slice(hunter.length)).toMatch(/^\n\(a\n {2}b\n\)$/)
  })

  it('takes a file that was saved, unless its text was edited', async () => {
    const page = await open()
    await page.evaluate(() => {
      const { editor } = window.fake
      editor.open('gun')
      editor.setFile('gun', '(module)\r\n')
    })
    await says(page, 'gun: its file was saved; this is its text now')
    expect(await code(page).textContent()).toBe('(module)')
    expect(await page.evaluate(() => [...window.fake.editor.changed(), ...window.fake.editor.running()])).toEqual([])
    await page.evaluate(() => {
      const { editor } = window.fake
      editor.setText('gun', '(module (memory 1))\n')
      editor.setFile('gun', '(module (memory 2))\n')
    })
    await says(page, 'gun: its file was saved, and your text differs')
    expect(await text(page, 'gun')).toBe('(module (memory 1))\n')
    await press(page, 'Revert')
    await says(page, 'gun: generation')
    expect(await tried(page)).toEqual([['gun', '(module (memory 2))\n']])
  })

  it('marks every mistake of a text', async () => {
    const page = await open()
    await page.evaluate(() => {
      const { editor } = window.fake
      editor.open('gun')
      editor.setText('gun', '(module\n  (func i32.cost)\n  (func i32.cost))')
      return editor.run('gun')
    })
    await expect.poll(() => page.locator('.cm-lintRange-error').count()).toBe(2)
  })

  it('runs a text that setText set when run is called', async () => {
    const page = await open()
    await page.evaluate(() => {
      window.fake.editor.setText('gun', '(module)\r\n')
      window.fake.editor.open('gun')
    })
    expect(await tried(page)).toEqual([])
    await page.evaluate(() => window.fake.editor.run('gun'))
    expect(await tried(page)).toEqual([['gun', '(module)\n']])
    await press(page, 'Undo')
    expect(await text(page, 'gun')).toBe(TEXTS.get('gun'))
  })

  it('runs texts one after another, and the last one as it is when its turn comes', async () => {
    const page = await open()
    await page.evaluate(() => {
      const { editor } = window.fake
      editor.setText('gun', '(module)')
      void editor.run('gun')
      editor.setText('gun', '(module (memory 1))')
      void editor.run('gun')
      editor.setText('gun', '(module (memory 2))')
    })
    await says(page, 'gun: generation 3')
    expect((await tried(page)).map(([, each]) => each)).toEqual(['(module)', '(module (memory 2))'])
  })

  it('lets the keyboard scroll each list of words from the moment it is there', async () => {
    const page = await open()
    await choose(page, 'hunter')
    await page.evaluate(() => {
      const shadow = document.querySelector('.live-code')?.shadowRoot as ShadowRoot
      const seen: number[] = []
      const lists = (): HTMLElement[] => [...shadow.querySelectorAll<HTMLElement>('[aria-label=Completions]')]
      new MutationObserver(() => seen.push(...lists().map(({ tabIndex }) => tabIndex))).observe(shadow, { childList: true, subtree: true })
      Object.assign(globalThis, { seen })
    })
    await code(page).press('Control+End')
    await page.keyboard.type('(func (f3')
    const words = page.getByRole('listbox', { name: 'Completions' }).getByRole('option')
    await words.first().waitFor()
    const many = await words.count()
    // With other words, it is another list.
    await page.keyboard.type('2.c')
    await expect.poll(() => words.count()).toBeLessThan(many)
    await page.keyboard.press('ArrowDown')
    expect(new Set(await page.evaluate(() => (globalThis as unknown as { seen: number[] }).seen))).toEqual(new Set([0]))
  })

  it('completes instructions, names and imports, and explains them', async () => {
    const page = await open()
    await choose(page, 'hunter')
    await code(page).press('Control+Home')
    for (let line = 1; line < 6; line++) await page.keyboard.press('ArrowDown')
    await page.keyboard.press('End')
    await page.keyboard.press('Enter')
    await page.keyboard.type('(import "ecs.g')
    const list = page.getByRole('listbox', { name: 'Completions' })
    await list.getByRole('option', { name: /^ecs\.get/ }).click()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.type(' "Health')
    await page.locator('.cm-completionInfo', { hasText: 'read a field of an entity; the field is u16' }).waitFor()
    await list.getByRole('option', { name: /^Health\.points/ }).click()
    const added = '(import "ecs.get" "Health.points" (func $health_points (param i32) (result i32)))'
    await expect.poll(() => text(page, 'hunter')).toContain(added)
    await page.keyboard.press('Enter')
    await page.keyboard.type('(func (drop (call $health')
    await list.getByRole('option', { name: /^\$health_points/ }).click()
    await expect.poll(() => text(page, 'hunter')).toContain('(func (drop (call $health_points)))')
    await page.keyboard.press('F1')
    await page.getByRole('tooltip').filter({ hasText: 'ecs.get Health.points: read a field of an entity; the field is u16' }).waitFor()
    await page.keyboard.press('Escape')
    expect(await page.getByRole('tooltip').count()).toBe(0)
    await page.keyboard.press('F12')
    expect(await selected(page)).toBe('$health_points')
    expect(await caretLine(page)).toBe('7')
  })

  it('explains the word under the pointer, and goes to its definition with Ctrl', async () => {
    const page = await open()
    await choose(page, 'hunter')
    const word = page.locator('.cm-line span', { hasText: /^\$spawn$/ }).first()
    await word.hover()
    await page.getByRole('tooltip').filter({ hasText: 'ecs spawn' }).waitFor()
    await word.click()
    await page.keyboard.press('F1')
    await expect.poll(() => page.getByRole('tooltip').count()).toBe(1)
    await page.keyboard.press('Escape')
    await code(page).press('Control+End')
    const prey = page.locator('.cm-line span', { hasText: /^\$eid$/ }).last()
    await prey.click({ modifiers: ['Control'] })
    expect(await selected(page)).toBe('$eid')
    expect(await page.locator('.cm-activeLine').textContent()).toContain('(param $eid i32)')
    // The line is in sight from its beginning, although the click was far to the right.
    await expect.poll(() => page.locator('.cm-scroller').evaluate(({ scrollLeft }) => scrollLeft)).toBe(0)
  })

  it('folds, searches, and closes brackets', async () => {
    const page = await open()
    await choose(page, 'hunter')
    await code(page).press('Control+Home')
    await page.keyboard.press('Control+f')
    const field = page.getByRole('textbox', { name: 'Find' })
    await field.pressSequentially('on_hatch')
    await page.keyboard.press('Enter')
    expect(await page.locator('.cm-searchMatch-selected').textContent()).toBe('on_hatch')
    await page.keyboard.press('Escape')
    expect(await field.count()).toBe(0)
    await page.keyboard.press('Control+Shift+BracketLeft')
    expect(await page.locator('.cm-foldPlaceholder').count()).toBe(1)
    await page.keyboard.press('Control+Shift+BracketRight')
    expect(await page.locator('.cm-foldPlaceholder').count()).toBe(0)
    await page.keyboard.press('Control+End')
    await page.keyboard.type('(a "b')
    expect((await text(page, 'hunter')).slice(hunter.length)).toBe('(a "b")')
  })

  it('adds a script with a name and a template, shares it with what else was edited, and removes it', async () => {
    const page = await open({ permissions: ['clipboard-read', 'clipboard-write'] })
    await press(page, 'New')
    const form = page.getByRole('form', { name: 'New script' })
    await form.getByLabel('Name').fill('2fast')
    await page.keyboard.press('Enter')
    await form.getByRole('alert').filter({ hasText: 'A name begins with a letter' }).waitFor()
    await form.getByLabel('Name').fill('gun')
    await press(page, 'Create')
    await form.getByRole('alert').filter({ hasText: "There is a script 'gun'" }).waitFor()
    await form.getByLabel('Name').fill('rainbow')
    await press(page, 'Create')
    expect(await form.count()).toBe(0)
    expect(await page.getByRole('option', { name: /rainbow \(changed\)/ }).getAttribute('aria-selected')).toBe('true')
    expect(await page.evaluate(() => window.fake.editor.running().has('rainbow'))).toBe(false)
    await press(page, 'Run')
    await says(page, 'rainbow runs')
    expect((await tried(page))[0]?.[1]).toContain('Turns the colours of the swarm')
    expect(await page.evaluate(() => window.fake.editor.running().has('rainbow'))).toBe(true)
    await press(page, 'Bigger shots')
    await press(page, 'Share')
    await says(page, 'A link to your text of gun, rainbow is in the clipboard')
    const link = new URL(await page.evaluate(() => navigator.clipboard.readText()))
    const shared = await page.evaluate((hash) => window.fake.decodeShare(hash), link.hash)
    expect(shared?.map(({ script }) => script)).toEqual(['gun', 'rainbow'])
    await choose(page, 'rainbow')
    await press(page, 'Remove')
    await says(page, 'rainbow is removed')
    expect(await page.getByRole('option', { name: /rainbow/ }).count()).toBe(0)
    await press(page, 'New')
    await page.keyboard.press('Escape')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('New')
    await press(page, 'New')
    await choose(page, 'gun')
    expect(await form.count()).toBe(0)
    // The language of the first is loaded once that is removed.
    await page.evaluate(() => {
      window.fake.editor.setText('late.ts', 'const late = 1')
      window.fake.editor.reset('late.ts')
      window.fake.editor.setText('shown.ts', 'const shown = 1')
    })
    await page.locator('.cm-line span', { hasText: 'const' }).waitFor()
  })

  it('shows what differs from the file', async () => {
    const page = await open()
    await press(page, 'Bigger shots')
    await press(page, 'Diff')
    await page.locator('.cm-deletedChunk', { hasText: '(i32.const 3)' }).waitFor()
    expect(await page.locator('.cm-changedLine').textContent()).toContain('(i32.const 7)')
    expect(await page.getByRole('button', { name: 'Diff' }).getAttribute('aria-pressed')).toBe('true')
    await press(page, 'Revert')
    await expect.poll(() => page.locator('.cm-deletedChunk').count()).toBe(0)
    await choose(page, 'hunter')
    expect(await page.getByRole('button', { name: 'Diff' }).getAttribute('aria-pressed')).toBe('false')
  })

  it.each(['dark', 'light', 'narrow'] as const)('has nothing that axe complains of in any state, %s', async (look) => {
    const isNarrow = look === 'narrow'
    const page = await open({ ...(isNarrow && { viewport: { width: 320, height: 640 } }), colorScheme: look === 'dark' ? 'dark' : 'light' })
    const hasNone = async (state: string): Promise<void> => expect(await axeComplaints(page, 'main'), state).toEqual([])
    if (isNarrow) await page.getByRole('combobox', { name: 'Script' }).selectOption('hunter')
    else await choose(page, 'hunter')
    await code(page).press('Control+End')
    await page.keyboard.type('(func (f32')
    const list = page.getByRole('listbox', { name: 'Completions' })
    await list.waitFor()
    await page.locator('.cm-completionInfo').waitFor()
    const boxes = await page.evaluate(() => {
      const shadow = document.querySelector('.live-code')?.shadowRoot as ShadowRoot
      return ['.cm-activeLine', '.cm-completionInfo', '.cm-tooltip-autocomplete > ul'].map((each) => {
        const { top, bottom } = (shadow.querySelector(each) as Element).getBoundingClientRect()
        return [top, bottom] as const
      })
    })
    const [line, info, words] = boxes as [(typeof boxes)[number], (typeof boxes)[number], (typeof boxes)[number]]
    // The height of a line is more than that of its letters.
    for (const [one, other] of [
      [line, info],
      [line, words],
      [words, info],
    ] as const)
      expect(one[0] >= other[1] - 4 || other[0] >= one[1] - 4, JSON.stringify(boxes)).toBe(true)
    await hasNone('completion')
    await page.keyboard.press('Escape')
    await code(page).press('Control+Home')
    await page.keyboard.press('Control+f')
    await page.getByRole('textbox', { name: 'Find' }).pressSequentially('$spawn')
    await page.keyboard.press('Enter')
    await hasNone('search')
    await page.keyboard.press('Escape')
    await page.keyboard.press('F1')
    await page.getByRole('tooltip').waitFor()
    await hasNone('explanation')
    await press(page, 'Diff')
    await page.locator('.cm-changedLine').first().waitFor()
    await hasNone('diff')
    await press(page, 'New')
    await press(page, 'Create')
    await page.getByRole('alert').waitFor()
    await hasNone('new script')
    await page.keyboard.press('Escape')
    await press(page, 'Break it on purpose')
    await says(page, 'i32.cost')
    await code(page).press('F8')
    await hasNone('mistake')
    await press(page, 'Share')
    await says(page, /link/)
    await hasNone('link')
  })

  it('has a visible focus at every stop', async () => {
    const page = await open()
    for (let stop = 0; stop < 15; stop++) {
      await page.keyboard.press('Tab')
      if (stop === 10) await page.keyboard.press('Escape')
      const outline = () =>
        page.evaluate(() => {
          const active = document.activeElement?.shadowRoot?.activeElement ?? (document.activeElement as Element)
          const isText = active.getAttribute('role') === 'textbox'
          const { outlineStyle, outlineWidth } = getComputedStyle((isText && active.closest('.cm-editor')) || active)
          return `${outlineWidth} ${outlineStyle}`
        })
      await expect.poll(outline).toBe('2px solid')
    }
  })

  it.each([320, 360, 480, 900])('fits into %i px', async (width) => {
    const page = await open({ viewport: { width, height: 640 } })
    const isWide = width > 440
    expect(await page.getByRole('listbox', { name: 'Scripts' }).isVisible()).toBe(isWide)
    expect(await page.getByRole('combobox', { name: 'Script' }).isVisible()).toBe(!isWide)
    if (isWide) await choose(page, 'hunter')
    else await page.getByRole('combobox', { name: 'Script' }).selectOption('hunter')
    expect(await code(page).getAttribute('aria-label')).toBe('hunter.wat')
    await press(page, 'Break it on purpose')
    await says(page, 'i32.cost')
    if (!isWide) expect(await page.locator('.live-select option:checked').textContent()).toBe('hunter (mistake)')
    const overflow = await page.evaluate(() =>
      [document.documentElement, window.fake.editor.element].map((box) => [
        box.scrollWidth - box.clientWidth,
        box.scrollHeight - box.clientHeight,
      ]),
    )
    expect(overflow).toEqual([
      [0, 0],
      [0, 0],
    ])
    for (const name of ['Run', 'Undo', 'Format', 'Revert', 'Share', 'Go to it', 'Trap on purpose'])
      await page.getByRole('button', { name }).click({ trial: true })
  })

  it.each([
    ['fine', 28],
    ['coarse', 44],
  ] as const)('has controls large enough for a %s pointer', async (pointer, least) => {
    const isCoarse = pointer === 'coarse'
    const page = await open({ hasTouch: isCoarse, isMobile: isCoarse })
    await press(page, 'Break it on purpose')
    await says(page, 'i32.cost')
    const heights = await page.evaluate(() =>
      [...document.querySelectorAll('.live-editor :is(button, [role=option], label)')]
        .filter((control) => control.checkVisibility())
        .map((control) => control.getBoundingClientRect().height),
    )
    expect(heights.length).toBeGreaterThan(20)
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(least)
  })

  it('leaves most of the width of a phone to the text, and sets a breakpoint by a line number', async () => {
    const page = await open({ viewport: { width: 390, height: 600 }, hasTouch: true, isMobile: true })
    const number = page.locator('.cm-lineNumbers .cm-gutterElement', { hasText: /^3$/ })
    await number.tap()
    await number.locator('xpath=../..').locator('.cm-breakpoint:visible').waitFor()
    const share = await page.locator('.cm-gutters').evaluate((gutters) => gutters.getBoundingClientRect().width / innerWidth)
    expect(share).toBeLessThan(0.18)
    await number.tap()
    expect(await page.locator('.cm-breakpoint:visible').count()).toBe(0)
  })

  it('does not move when messages change', async () => {
    const page = await open()
    await page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new DOMException('no', 'NotAllowedError'))
    })
    await choose(page, 'hunter')
    const boxes = () =>
      page.evaluate(() =>
        [...document.querySelectorAll('.live-editor > *, .live-editor :is(.live-tools, .live-try, .live-list) > *')].map((box) => {
          const { x, y, width, height } = box.getBoundingClientRect()
          return [x, y, width, height]
        }),
      )
    const before = await boxes()
    await press(page, 'Break it on purpose')
    await says(page, 'i32.cost')
    expect(await boxes()).toEqual(before)
    await press(page, 'Trap on purpose')
    await press(page, 'Mend what is broken')
    await says(page, 'generation 2')
    await page.evaluate(() => window.fake.frame())
    await says(page, 'taken back')
    expect(await boxes()).toEqual(before)
    await press(page, 'Share')
    await page.getByRole('textbox', { name: 'Link to copy' }).waitFor()
    expect(await boxes()).toEqual(before)
  })

  it.each(['light', 'dark'] as const)('is readable in %s colours', async (colorScheme) => {
    const page = await open({ colorScheme, reducedMotion: 'reduce' })
    await press(page, 'Make the swarm flee')
    await press(page, 'Break it on purpose')
    await says(page, 'i32.cost')
    const poor = (): Promise<string[]> =>
      page.evaluate(() => {
        const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D
        const luminance = (colour: string): number => {
          canvas.fillStyle = colour
          canvas.fillRect(0, 0, 1, 1)
          const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map((value) => {
            const part = value / 255
            return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
          })
          return 0.2126 * (red as number) + 0.7152 * (green as number) + 0.0722 * (blue as number)
        }
        const contrast = (one: string, other: string): number => {
          const [dark, bright] = [luminance(one), luminance(other)].sort((a, b) => a - b)
          return ((bright as number) + 0.05) / ((dark as number) + 0.05)
        }
        const opaque = (colour: string): boolean => !/^rgba\(.*, 0\)$/.test(colour)
        const selection = getComputedStyle(document.querySelector('.live-editor') as Element)
        const probe = document.body.appendChild(document.createElement('i'))
        probe.style.color = selection.getPropertyValue('--code-selection')
        const selected = getComputedStyle(probe).color
        probe.remove()
        const code = document.querySelector('.live-code')?.shadowRoot as ShadowRoot
        const nodes = [document.querySelector('.live-editor') as Element, code].flatMap((root) => {
          const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
          const inside: Node[] = []
          for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) inside.push(node)
          return inside
        })
        const found: string[] = []
        for (const node of nodes) {
          const parent = node.parentElement as HTMLElement
          if (node.textContent?.trim() === '' || !parent.checkVisibility({ visibilityProperty: true })) continue
          let back: Element | null = parent
          while (back !== null && !opaque(getComputedStyle(back).backgroundColor)) back = back.parentElement
          const { color } = getComputedStyle(parent)
          const behind = [
            getComputedStyle(back ?? document.body).backgroundColor,
            ...(parent.closest('.cm-line') === null ? [] : [selected]),
          ]
          for (const each of behind)
            if (contrast(color, each) < 4.5) found.push(`${node.textContent}: ${color} on ${each} is ${contrast(color, each).toFixed(2)}`)
        }
        return [...new Set(found)]
      })
    expect(await poor()).toEqual([])
    await press(page, 'Mend what is broken')
    await says(page, 'generation 3')
    expect(await poor()).toEqual([])
  })

  it('stops Escape in the text, and lets it bubble elsewhere', async () => {
    const page = await open()
    await page.evaluate(() => {
      document.title = ''
      document.addEventListener('keydown', ({ key }) => {
        document.title += ` ${key}`
      })
    })
    await code(page).press('Escape')
    expect(await page.title()).toBe('')
    await page.getByRole('button', { name: 'Run' }).press('Escape')
    expect(await page.title()).toBe('Escape')
  })

  it('removes everything on dispose', async () => {
    const page = await open()
    await page.getByLabel('Run as you type').check()
    await code(page).press('Control+Home')
    await page.keyboard.type(';')
    await page.evaluate(() => {
      window.fake.editor.dispose()
      window.fake.pass(1000)
      window.fake.trap('hunter', 3, 3)
    })
    expect(await page.locator('main').evaluate((main) => main.childElementCount)).toBe(0)
    expect(await tried(page)).toEqual([])
  })
})
