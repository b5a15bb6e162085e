import type { ScriptId } from 'bitscript'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Inspector } from '../../src/devtools/index.ts'
import { plugin } from '../fixtures/plugin.ts'
import { lookAt } from './look.ts'
import { type InspectedGame, type MountOptions, mount, serveInspectedGame, shows, TABS, tab } from './open-inspector.ts'
import type { TestPage } from './page/main.ts'

/** In the page. */
declare const game: TestPage
declare let inspector: Inspector

let inspected: InspectedGame

beforeAll(async () => {
  inspected = await serveInspectedGame()
})
afterAll(() => inspected?.close())

/** Opens the page of a game with an inspector. It must report no errors. */
async function withPage(test: (page: Page) => Promise<void>, context?: BrowserContextOptions, options: MountOptions = {}): Promise<void> {
  const { page, complaints, close } = await inspected.open(context)
  await mount(page, options)
  try {
    await test(page)
    expect(complaints).toEqual([])
  } finally {
    await close()
  }
}

const toggle = (page: Page) => page.getByRole('button', { name: 'Inspector', exact: true })

describe('the panel', () => {
  it('is opened by its button and by the keyboard, and closed by Escape, which returns the focus', () =>
    withPage(
      async (page) => {
        expect(await toggle(page).getAttribute('aria-expanded')).toBe('false')
        expect(await page.getByRole('tablist').isVisible()).toBe(false)
        await toggle(page).click()
        expect(await toggle(page).getAttribute('aria-expanded')).toBe('true')
        await toggle(page).click()
        expect(await page.getByRole('tablist').isVisible()).toBe(false)
        await toggle(page).focus()
        await page.keyboard.press('Enter')
        await page.keyboard.press('Tab')
        expect(await page.getByRole('tab', { name: 'Scripts' }).evaluate((node) => node.matches(':focus'))).toBe(true)
        await page.keyboard.press('Escape')
        expect(await page.getByRole('tablist').isVisible()).toBe(false)
        expect(await toggle(page).evaluate((node) => node.matches(':focus'))).toBe(true)
      },
      undefined,
      { open: false },
    ))

  it('has tabs that arrow keys, Home and End move between', () =>
    withPage(async (page) => {
      const selected = (): Promise<string | null> => page.locator('[role=tab][aria-selected=true]').textContent()
      await page.getByRole('tab', { name: 'Scripts' }).focus()
      for (const [key, name] of [
        ['ArrowRight', 'Logs'],
        ['ArrowRight', 'Faults'],
        ['ArrowLeft', 'Logs'],
        ['End', 'Time'],
        ['ArrowRight', 'Scripts'],
        ['ArrowLeft', 'Time'],
        ['Home', 'Scripts'],
      ] as const) {
        await page.keyboard.press(key)
        expect(await selected()).toBe(name)
        expect(await page.locator('button:focus').textContent()).toBe(name)
        expect(await page.getByRole('tabpanel').count()).toBe(1)
      }
      expect(await page.locator('[role=tab][tabindex="0"]').count()).toBe(1)
    }))

  it('hides its key presses from the game, but not key releases', () =>
    withPage(async (page) => {
      await page.evaluate(() => {
        const heard: string[] = []
        for (const name of ['keydown', 'keyup'] as const) addEventListener(name, ({ key }) => heard.push(`${name} ${key}`))
        Object.assign(globalThis, { heard })
      })
      await tab(page, 'Entities')
      await page.getByRole('searchbox').pressSequentially('w')
      expect(await page.evaluate('heard')).toEqual(['keyup w'])
    }))

  it('takes no time while it is closed, and leaves nothing after dispose', () =>
    withPage(
      async (page) => {
        const listeners = () => page.evaluate(() => [{ ...game.listeners }, game.intervals.size] as const)
        const closed = [{ log: 1, error: 1, reload: 1 }, 0]
        expect(await listeners()).toEqual(closed)
        await page.evaluate(() => inspector.open())
        expect(await listeners()).toEqual([{ log: 1, error: 1, reload: 1, tick: 1 }, 1])
        await page.locator('canvas').first().waitFor()
        await tab(page, 'Time')
        await page.getByRole('switch').check()
        await page.waitForFunction(() => game.listeners.tick === 2)
        await page.evaluate(() => inspector.close())
        expect(await listeners()).toEqual([{ ...(closed[0] as object), tick: 0 }, 0])
        expect(await page.locator('canvas').count()).toBe(0)
        await page.evaluate(() => inspector.toggle())
        await page.waitForFunction(() => game.listeners.tick === 2)
        await page.evaluate(() => {
          inspector.dispose()
          inspector.dispose()
          inspector.open()
        })
        expect(await listeners()).toEqual([{ log: 0, error: 0, reload: 0, tick: 0 }, 0])
        expect(await page.evaluate(() => inspector.isOpen)).toBe(false)
        expect(await page.locator('body > :not(main, script)').count()).toBe(0)
      },
      undefined,
      { open: false },
    ))

  it('shows how often modules were in the cache', () =>
    withPage(async (page) => {
      const shown = await page.evaluate(async () => {
        const mover = '(module (func (export "update") (param i32 f32)))'
        for (const name of ['first', 'second']) await game.runtime.loadModule(mover, { name })
        const { decoded, compiled } = game.runtime.cacheStats()
        const use = ({ hits, misses }: { readonly hits: number; readonly misses: number }) => `${hits} of ${hits + misses}`
        return `Found in the cache: ${use(decoded)} modules decoded, ${use(compiled)} compiled.`
      })
      expect(shown).not.toContain(' 0 of')
      await shows(page, shown)
    }))

  it('reports that the runtime was disposed of, and can still be closed', () =>
    withPage(async (page) => {
      await page.evaluate(() => {
        game.controls.paused = true
        game.runtime.dispose()
      })
      await page.getByText('the runtime has been disposed of').waitFor()
      await page.evaluate(() => inspector.dispose())
    }))

  it('refuses invalid options before anything is mounted', () =>
    withPage(async (page) => {
      const refused = await page.evaluate(() => {
        const { devtools, runtime } = game
        const wrong = [
          { dark: true },
          { parent: 'body' },
          { controls: { paused: 1 } },
          { history: {} },
          { mods: {} },
          { open: 'yes' },
          { parent: null },
        ]
        inspector.dispose()
        const attempt = (mount: () => void): string => {
          try {
            mount()
            return 'mounted'
          } catch (error) {
            const { code, detail } = error as { code: string; detail: string }
            return `${code}: ${detail}`
          }
        }
        return [
          ...wrong.map((options) => attempt(() => devtools.mountInspector(runtime, options as never))),
          attempt(() => devtools.mountInspector({} as never)),
          document.querySelectorAll('[data-bitscript-inspector]').length,
          Object.values(game.listeners).join(),
        ]
      })
      expect(refused).toEqual([
        "InvalidOptions: mountInspector has no option 'dark'; allowed are parent, controls, history, mods, openSource, debugger, pick, mark, inset, open",
        expect.stringMatching(/^InvalidOptions: parent must be/),
        expect.stringMatching(/^InvalidOptions: controls must have/),
        expect.stringMatching(/^InvalidOptions: history must be/),
        expect.stringMatching(/^InvalidOptions: mods must be/),
        expect.stringMatching(/^InvalidOptions: open must be/),
        expect.stringMatching(/^InvalidOptions: the document has no body/),
        expect.stringMatching(/^InvalidOptions: mountInspector needs a runtime/),
        0,
        '0,0,0,0',
      ])
    }))
})

describe('scripts', () => {
  it('are listed with their times and fuel, and the selected one with charts, state and metadata', () =>
    withPage(async (page) => {
      const row = page.locator('tbody tr', { hasText: 'mover' })
      await expect.poll(() => row.locator('td').nth(2).textContent()).toBe('3')
      await expect.poll(() => row.locator('td').nth(4).textContent()).toBe('30')
      expect((await row.locator('td').allTextContents()).map((text) => text.replace(/^0\.\d{3}$/, 'ms'))).toEqual([
        '1',
        'active',
        '3',
        'ms',
        '30',
        '100 %',
      ])
      expect(await page.locator('canvas').count()).toBe(2)
      await shows(page, /^inlined$/)
      await page.getByRole('button', { name: 'mover' }).focus()
      await page.keyboard.press('ArrowDown')
      await shows(page, '1.2.0')
      await page.evaluate(() => game.runtime.call(game.ids.counter as ScriptId, 'count'))
      await page.getByText('State', { exact: true }).click()
      await shows(page, '"count": 1')
      await page.evaluate(() => game.runtime.call(game.ids.counter as ScriptId, 'count'))
      await shows(page, '"count": 2')
      await page.evaluate(() => game.runtime.unloadModule(game.ids.counter as ScriptId))
      await page.getByRole('button', { name: 'counter' }).waitFor({ state: 'detached' })
      await shows(page, 'The script exports no get_state.')
    }))

  it('of another kind are shown with their kind, variables and config', () =>
    withPage(async (page) => {
      const set = `(func (export "set") (result i32)
        (call $var_set (call $block (i32.const 0) (i32.const 4)) (call $block (i32.const 8) (i32.const 5)))
        (call $var_set (call $block (i32.const 4) (i32.const 3)) (call $block (i32.const 16) (i32.const 2))) (i32.const 0))
        (data (i32.const 0) "nameraw") (data (i32.const 8) "<b>Al") (data (i32.const 16) "\\00\\ff")`
      await page.evaluate(async (text) => {
        const id = await game.runtime.loadModule(text, { name: 'plugin', config: { level: 3 } })
        game.runtime.call(id, 'set')
      }, plugin(set))
      await page.getByRole('button', { name: 'plugin' }).click()
      await shows(page, 'Extism plugin')
      await page.getByText('Variables', { exact: true }).click()
      await shows(page, '"name" = "<b>Al"\n"raw" = 00 ff (2 bytes)')
      await page.getByText('Config', { exact: true }).click()
      await shows(page, '"level": "3"')
      await page.getByRole('button', { name: 'mover' }).click()
      await shows(page, 'It keeps no variables. Only Extism plugins do.')
    }))

  it('that fault are shown with location and trace, and their reload is listed', () =>
    withPage(async (page) => {
      await page.evaluate(() => game.runtime.emit('break'))
      await page.locator('td.error', { hasText: 'faulted' }).waitFor()
      await page.getByRole('button', { name: 'faulty' }).click()
      await shows(page, /> \d+ \| +\(drop \(i32\.div_u/)
      await tab(page, 'Faults')
      await shows(page, /divide by zero/)
      await shows(page, /faulty\.on_break at http.*faulty\.wat:4:12/)
      await shows(page, /> \d+ \| +\(drop \(i32\.div_u/)
      await shows(page, /at third \(faulty\.wat:4:12\)/)
      expect(await page.getByRole('tab', { name: 'Faults' }).textContent()).toBe('Faults 1')
      await page.evaluate(async () => {
        const { runtime, ids, scripts } = game
        await runtime.reloadModule(ids.faulty as ScriptId, scripts.faulty.replace('i32.const 0)', 'i32.const 4)'))
        await runtime.reloadModule(ids.counter as ScriptId, `${scripts.counter} ;; edited`)
        await runtime.reloadModule(ids.faulty as ScriptId, scripts.faulty.replace('on_break', 'on_brake'))
      })
      await tab(page, 'Reloads')
      await shows(page, 'faulty')
      const entries = await page.locator('.entries:visible > li').allTextContents()
      expect(entries.shift()).toContain("warning it no longer exports 'on_break', which the runtime called")
      expect(entries[0]).toMatch(/counter generation 1, state preserved, code unchanged/)
      expect(entries[1]).toMatch(/faulty generation 2, state resetcompile [\d.]+, link [\d.]+, state [\d.]+, total [\d.]+ ms/)
    }))
})

it('shows logs by level, as text, the last 200 of the chosen levels', () =>
  withPage(async (page) => {
    await tab(page, 'Logs')
    await shows(page, 'Nothing was logged yet.')
    await page.evaluate(() => {
      for (const level of [0, 1, 2, 3]) game.runtime.call(game.ids.counter as ScriptId, 'say', level)
    })
    const lines = page.locator('.log')
    await lines.nth(3).waitFor()
    expect(await lines.locator('.level').allTextContents()).toEqual(['debug', 'info', 'warn', 'error'])
    expect(await lines.first().locator('.message').textContent()).toBe('<b>line</b>')
    expect(await lines.first().locator('.name').textContent()).toBe('counter')
    await page.getByRole('checkbox', { name: 'debug' }).uncheck()
    await page.getByLabel('warn').uncheck()
    expect(await lines.locator('.level').allTextContents()).toEqual(['info', 'error'])
    expect(await page.getByRole('log').getAttribute('aria-live')).toBe('off')
    // The lines of a tick are limited by limits.logsPerTick.
    for (let tick = 0; tick < 3; tick++) {
      await page.evaluate(async () => {
        for (let line = 0; line < 90; line++) game.runtime.call(game.ids.counter as ScriptId, 'say', 1)
        const before = game.listeners.tick
        await new Promise<void>((resolve) => {
          const off = game.runtime.on('tick', () => {
            off()
            resolve()
          })
        })
        return before
      })
    }
    await page.waitForFunction(
      () => document.querySelector('[data-bitscript-inspector]')?.shadowRoot?.querySelectorAll('.log').length === 200,
    )
    await page.getByLabel('info').uncheck()
    expect(await lines.locator('.level').allTextContents()).toEqual(['error'])
  }))

it('finds entities by their relations, and shows those with their targets and data', () =>
  withPage(async (page) => {
    const [one, two] = await page.evaluate(() => {
      const [first = 0, second = 0] = game.bitscript.listEntities(game.world)
      game.runtime.relate(first, 'Follows', second)
      game.runtime.relate(first, 'Owes', second, { amount: 42 })
      return [first, second]
    })
    await tab(page, 'Entities')
    await page.getByRole('searchbox').fill('follows')
    await shows(page, '1–1 of 1')
    await page.locator('.list button').first().click()
    await shows(page, `Entity ${one}`)
    await shows(page, `Follows(${two})`)
    await shows(page, `Owes(${two})`)
    expect(await page.getByLabel(`Owes(${two}).amount`, { exact: true }).inputValue()).toBe('42')
  }))

it('finds entities by id, component and script, and shows their fields as they change', () =>
  withPage(async (page) => {
    await tab(page, 'Entities')
    await shows(page, '1–100 of 250')
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('button', { name: 'More' }).click()
    await shows(page, '201–250 of 250')
    const filter = page.getByRole('searchbox')
    await filter.fill('dead')
    await shows(page, '1–25 of 25')
    await filter.fill('mover velocity')
    await shows(page, '1–3 of 3')
    await filter.fill('25')
    await shows(page, '1–5 of 5')
    expect((await page.locator('.list .id').allTextContents()).every((id) => id.startsWith('25'))).toBe(true)
    await filter.fill('mover')
    await shows(page, '1–3 of 3')
    await page.locator('.list button').first().click()
    await page.getByRole('button', { name: 'Detach mover' }).waitFor()
    const before = Number(await page.getByLabel('Position.x', { exact: true }).inputValue())
    await page.waitForFunction((value) => {
      const root = document.querySelector('[data-bitscript-inspector]')?.shadowRoot
      return Number(root?.querySelector<HTMLInputElement>('.value input')?.value) > value
    }, before)
    await page.evaluate(() => {
      const [first = 0] = game.bitscript.listEntities(game.world)
      game.runtime.despawn(first)
    })
    await shows(page, 'It no longer exists.')
  }))

describe('mods', () => {
  const row = (page: Page, name: string) => page.getByRole('row', { name })
  const status = (page: Page, name: string): Promise<string | null> => row(page, name).locator('td').last().textContent()

  it('are listed with their versions, and the selected one with what it asks for and was given, and its limits', () =>
    withPage(
      async (page) => {
        await tab(page, 'Mods')
        expect(await page.getByRole('rowheader', { name: /^(doors|keys)$/ }).allTextContents()).toEqual(['keys', 'doors'])
        expect(await status(page, 'keys')).toBe('enabled')
        await row(page, 'doors').click()
        await shows(page, 'doors 1.2.0')
        await shows(page, 'Doors that open.')
        expect(await page.getByRole('row', { name: 'read' }).locator('td').allTextContents()).toEqual([
          'Position, Velocity',
          'Position, Velocity',
        ])
        expect(await page.getByRole('row', { name: 'spawn' }).locator('td').allTextContents()).toEqual(['–', '–'])
        await shows(page, /At most 1,000 wait; 0 found no room/)
        await page.getByText('Limits', { exact: true }).click()
        await shows(page, 'memoryPages')
        await row(page, 'keys').click()
        await shows(page, 'keys 1.0.0')
      },
      undefined,
      { mods: true },
    ))

  it('are shown with charts of their metrics, and what they keep', () =>
    withPage(
      async (page) => {
        await tab(page, 'Mods')
        await row(page, 'keys').click()
        await shows(page, 'It has no metrics.')
        await row(page, 'doors').click()
        await page.evaluate(() => game.runtime.emit('open'))
        await shows(page, /^opened\{by=hand\}: average .*maximum 1$/)
        await page.getByRole('img', { name: 'opened{by=hand}, of the last 120 readings' }).locator('canvas').waitFor()
        await page.getByText('Storage', { exact: true }).click()
        await shows(page, '"last" = "red"')
        await tab(page, 'Logs')
        expect(await page.locator('canvas').count()).toBe(0)
      },
      undefined,
      { mods: true },
    ))

  it('are shown with the messages that wait for them', () =>
    withPage(
      async (page) => {
        await tab(page, 'Mods')
        await row(page, 'keys').click()
        await page.getByText('Waiting messages', { exact: true }).click()
        await shows(page, 'None waits.')
        await page.evaluate(() => {
          game.controls.paused = true
          game.runtime.send('keys', 'lost', { colour: 'red' })
        })
        await shows(page, 'the game: "lost" {"colour":"red"}')
        await page.evaluate(() => {
          game.controls.paused = false
        })
        await shows(page, 'None waits.')
      },
      undefined,
      { mods: true },
    ))

  it('are disabled and enabled by a button, and one that another needs says so', () =>
    withPage(
      async (page) => {
        await tab(page, 'Mods')
        await row(page, 'keys').click()
        await page.getByRole('button', { name: 'Disable' }).click()
        await shows(page, /doors.*requires|requires.*doors/)
        expect(await status(page, 'keys')).toBe('enabled')
        await row(page, 'doors').click()
        await page.getByRole('button', { name: 'Disable' }).click()
        expect(await status(page, 'doors')).toBe('disabled')
        await row(page, 'keys').click()
        await page.getByRole('button', { name: 'Disable' }).click()
        expect(await status(page, 'keys')).toBe('disabled')
        await page.getByRole('button', { name: 'Enable' }).click()
        expect(await status(page, 'keys')).toBe('enabled')
      },
      undefined,
      { mods: true },
    ))

  it('that fault are counted in the title, and shown with the fault', () =>
    withPage(
      async (page) => {
        await tab(page, 'Mods')
        await row(page, 'doors').click()
        await page.evaluate(() => game.runtime.emit('jam'))
        await shows(page, /Trap/)
        expect(await status(page, 'doors')).toBe('faulted')
        expect(await page.getByRole('tab', { name: 'Mods' }).textContent()).toBe('Mods 1')
      },
      undefined,
      { mods: true },
    ))

  it('have no tab if the game passes none', () =>
    withPage(async (page) => {
      expect(await page.getByRole('tab', { name: 'Mods' }).count()).toBe(0)
    }))
})

describe('time', () => {
  it('is paused, stepped and slowed by the controls', () =>
    withPage(async (page) => {
      await tab(page, 'Time')
      await page.getByRole('button', { name: 'Pause' }).click()
      expect(await page.evaluate(() => game.controls.paused)).toBe(true)
      await page.getByRole('button', { name: 'Step' }).click()
      expect(await page.evaluate(() => game.controls.steps)).toBe(1)
      await page.getByRole('button', { name: '0.25×' }).click()
      expect(await page.evaluate(() => game.controls.speed)).toBe(0.25)
      expect(await page.getByRole('button', { name: '0.25×' }).getAttribute('aria-pressed')).toBe('true')
      await page.getByRole('button', { name: 'Play' }).click()
      expect(await page.evaluate(() => game.controls.paused)).toBe(false)
      await page.evaluate(() => {
        game.controls.step = () => {
          throw new Error('the game cannot step')
        }
      })
      await page.getByRole('button', { name: 'Step' }).click()
      await shows(page, 'the game cannot step')
      await page.evaluate(() => {
        game.controls.paused = true
      })
      await page.getByRole('button', { name: 'Play' }).waitFor()
    }))

  it.each([true, false])('goes back and continues from there, with the history of the game (%s) or its own', (history) =>
    withPage(
      async (page) => {
        await tab(page, 'Time')
        if (!history) await page.getByRole('switch').check()
        const slider = page.getByRole('slider')
        await page.waitForFunction(() => {
          const input = document.querySelector('[data-bitscript-inspector]')?.shadowRoot?.querySelector<HTMLInputElement>('[type=range]')
          return Number(input?.max) - Number(input?.min) > 60
        })
        await slider.focus()
        await page.keyboard.press('ArrowLeft')
        expect(await page.evaluate(() => game.controls.paused)).toBe(true)
        const last = Number(await slider.getAttribute('max'))
        const x = () => page.evaluate(() => game.components.Position.x[game.bitscript.listEntities(game.world)[0] ?? 0] ?? 0)
        const late = await x()
        for (let ticks = 0; ticks < 30; ticks++) await page.keyboard.press('ArrowLeft')
        const tick = Number(await slider.inputValue())
        const [, seconds] = /^tick \d+, (-\d\.\d) s$/.exec((await page.locator('output').textContent()) ?? '') ?? []
        // The slider may have been one refresh late at the first key press, so the distance is only known now.
        expect(Math.abs(Number(seconds) - (tick - last) / 60)).toBeLessThan(0.06)
        expect(last - tick).toBeGreaterThanOrEqual(30)
        expect(Math.round(late - (await x()))).toBe(30)
        await shows(page, new RegExp(`^tick ${tick} ·`))
        const goOn = page.getByRole('button', { name: 'Go on from here' })
        const paused = await goOn.evaluate((button: HTMLElement) => {
          button.click()
          const { paused } = game.controls
          return new Promise<boolean>((resolve) => {
            const off = game.runtime.on('tick', () => {
              off()
              // One tick is enough: it replaces all later moments.
              game.controls.paused = true
              resolve(paused)
            })
          })
        })
        expect(paused).toBe(false)
        await shows(page, new RegExp(`^tick ${tick + 1}, now$`))
        expect(Number(await slider.getAttribute('max'))).toBe(tick + 1)
      },
      undefined,
      { history },
    ),
  )

  it('has no controls if the game passes none', () =>
    withPage(
      async (page) => {
        await tab(page, 'Time')
        await page.getByRole('slider').waitFor()
        for (const name of ['Pause', 'Step', '1×', 'Go on from here']) expect(await page.getByRole('button', { name }).count()).toBe(0)
      },
      undefined,
      { history: true, controls: false },
    ))
})

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  it.each([
    ['360 pixels', { width: 360, height: 640 }],
    ['1280 pixels', { width: 1280, height: 720 }],
  ])('and %s everything is readable and large enough, and nothing scrolls sideways', (_, viewport) =>
    withPage(
      async (page) => {
        await page.evaluate(async () => {
          const { runtime, ids, scripts } = game
          for (const level of [0, 1, 2, 3]) runtime.call(ids.counter as ScriptId, 'say', level)
          runtime.emit('break')
          await runtime.reloadModule(ids.mover as ScriptId, scripts.counter, { preserve: 'auto' })
        })
        await page.locator('td.error').waitFor()
        for (const name of TABS) {
          await tab(page, name)
          if (name === 'Entities') await page.locator('.list button').first().click()
          expect(await lookAt(page), name).toEqual([])
          const overflow = await page.evaluate(() => {
            const panel = document.querySelector('[data-bitscript-inspector]')?.shadowRoot?.querySelector('[role=tabpanel]:not([hidden])')
            return [document.documentElement.scrollWidth - innerWidth, (panel?.scrollWidth ?? 1) - (panel?.clientWidth ?? 0)]
          })
          expect(overflow, name).toEqual([0, 0])
        }
        const back = await page.locator('.panel').evaluate((node) => getComputedStyle(node).backgroundColor)
        expect(back).toBe(colorScheme === 'dark' ? 'rgb(28, 31, 35)' : 'rgb(255, 255, 255)')
      },
      { viewport, colorScheme },
      { history: true, mods: true },
    ),
  )
})
