import type { ScriptId } from 'bitscript'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { axeComplaints } from '../fixtures/axe.ts'
import { lookAt } from './look.ts'
import { type InspectedGame, mount, serveInspectedGame, shows, tab } from './open-inspector.ts'
import type { TestPage } from './page/main.ts'

/** In the page. */
declare const game: TestPage

let inspected: InspectedGame
/** One page for all tests, which opens in the time of a test. */
let page: Page
let complaints: readonly string[]

beforeAll(async () => {
  inspected = await serveInspectedGame()
  ;({ page, complaints } = await inspected.open())
  page.setDefaultTimeout(Number(process.env.STEP ?? 300_000))
  await mount(page, { hooks: true })
  await page.evaluate(() => {
    game.controls.paused = true
  })
})
afterAll(() => inspected?.close())
afterEach(() => expect(complaints).toEqual([]))

/** Returns an entity of the game. No script runs on it. */
const spawn = (components: object): Promise<number> => page.evaluate((given) => game.runtime.spawn(given as never), components)
const x = (entity: number): Promise<number> => page.evaluate((at) => game.components.Position.x[at] ?? Number.NaN, entity)
async function look(entity: number): Promise<void> {
  await tab(page, 'Entities')
  await page.getByRole('searchbox', { name: 'Filter entities' }).fill(String(entity))
  await page.locator('.list button', { hasText: new RegExp(`^${entity}\\D`) }).click()
  await shows(page, `Entity ${entity}`)
}

describe('a field', () => {
  it('is set by Enter, stepped by arrow keys, and undone by Escape, also while the game is paused', async () => {
    const entity = await spawn({ Position: { x: 5 } })
    await look(entity)
    const field = page.getByLabel('Position.x', { exact: true })
    await field.fill('12.5')
    expect(await x(entity)).toBe(5)
    await field.press('Enter')
    expect(await x(entity)).toBe(12.5)
    await field.press('ArrowUp')
    await field.press('Shift+ArrowDown')
    await field.press('Alt+ArrowUp')
    expect(await x(entity)).toBeCloseTo(3.6)
    await field.pressSequentially('7')
    await field.press('Escape')
    expect(await x(entity)).toBe(5)
    expect(await field.inputValue()).toBe('5')
    await field.fill('much')
    await field.press('Enter')
    await shows(page, 'Enter a number: any number (f32).')
    expect(await field.getAttribute('aria-invalid')).toBe('true')
    await field.press('Escape')
    expect(await field.getAttribute('aria-invalid')).toBeNull()
    expect(await page.getByRole('tablist').isVisible()).toBe(true)
  })

  it('that is set is recorded, as are components and scripts that are added and removed, and the end of an entity', async () => {
    const entity = await spawn({ Position: {} })
    await page.evaluate(() => Object.assign(globalThis, { recorder: new game.bitscript.Recorder(game.runtime) }))
    await look(entity)
    await page.getByLabel('Position.y', { exact: true }).fill('-2')
    await page.getByLabel('Position.y', { exact: true }).press('Enter')
    await page.getByRole('combobox', { name: 'Add a component' }).selectOption('Dead')
    await page.getByRole('button', { name: 'Add a component' }).click()
    await page.getByRole('button', { name: 'Remove Position' }).click()
    await page.getByRole('combobox', { name: 'Attach a script' }).selectOption('mover')
    await page.getByRole('button', { name: 'Attach a script' }).click()
    await page.getByRole('button', { name: 'Detach mover' }).click()
    await page.getByRole('button', { name: 'Despawn' }).click()
    await shows(page, 'It no longer exists.')
    const inputs = await page.evaluate(() => {
      const { recorder } = globalThis as unknown as { recorder: InstanceType<typeof game.bitscript.Recorder> }
      return recorder.stop().content.inputs.map(({ kind, ...rest }) => ('components' in rest ? [kind, rest.components] : [kind]))
    })
    expect(inputs).toEqual([
      ['write', { Position: { y: -2 } }],
      ['write', { Dead: {} }],
      ['write', { Position: null }],
      ['attach'],
      ['detach'],
      ['despawn'],
    ])
  })
})

/** Returns what the game was asked since the last call. */
const asked = (): Promise<unknown[]> => page.evaluate(() => game.asked.splice(0))

it('picks an entity by a click in the game, and marks it there until the tab is left', async () => {
  const entity = await spawn({ Dead: {} })
  await tab(page, 'Entities')
  await asked()
  await page.getByRole('button', { name: 'Pick' }).click()
  await page.mouse.move(entity, 50)
  await page.mouse.move(entity, 5)
  await page.mouse.click(entity, 5)
  await shows(page, `Entity ${entity}`)
  expect(await page.locator('.list .selected .id').textContent()).toBe(String(entity))
  expect(await page.getByRole('button', { name: 'Pick' }).getAttribute('aria-pressed')).toBe('false')
  await page.getByRole('button', { name: 'Pick' }).click()
  await page.keyboard.press('Escape')
  await tab(page, 'Logs')
  expect((await asked()).slice(-2)).toEqual([
    ['mark', entity],
    ['mark', undefined],
  ])
})

it('adds an entity with the components and scripts that were chosen', async () => {
  await tab(page, 'Entities')
  await page.getByRole('button', { name: 'New entity' }).click()
  await page.getByLabel('Velocity').check()
  await page.getByLabel('mover').check()
  await page.getByRole('button', { name: 'Spawn' }).click()
  await page.getByRole('button', { name: 'Detach mover' }).waitFor()
  expect(await page.getByLabel('Velocity.x', { exact: true }).inputValue()).toBe('0')
})

it('finds entities by a filter, and tells beside it what is wrong with it', async () => {
  const entity = await spawn({ Position: { x: 7777 }, Dead: {} })
  await tab(page, 'Entities')
  const filter = page.getByRole('searchbox', { name: 'Filter entities' })
  await filter.fill('Dead Position.x > 7000')
  await shows(page, '1–1 of 1')
  expect(await page.locator('.list .id').textContent()).toBe(String(entity))
  await filter.fill('Position.z > 7000')
  await shows(page, "No component has the field 'Position.z'. There are Position.x, Position.y.")
  await filter.fill('')
})

it('draws a watched field over the last ticks', async () => {
  const entity = await spawn({ Position: { x: -3 } })
  await look(entity)
  await page.getByRole('button', { name: 'Chart Position.x' }).click()
  await page.evaluate((at) => {
    game.runtime.tick(1 / 60)
    game.runtime.write(at, { Position: { x: 4 } })
    game.runtime.tick(1 / 60)
  }, entity)
  await shows(page, `Position.x of ${entity}: 4, from -3 to 4`)
  expect(await page.evaluate(() => game.listeners.tick)).toBe(2)
  await page.getByRole('button', { name: `Stop the chart of Position.x of ${entity}` }).click()
  expect(await page.evaluate(() => game.listeners.tick)).toBe(1)
  expect(await page.locator('canvas').count()).toBe(0)
})

it('is resized by the keyboard and the pointer, and tells the game how much it covers', async () => {
  const bar = page.getByRole('separator', { name: 'Size of the inspector' })
  await asked()
  await bar.focus()
  await page.keyboard.press('ArrowUp')
  const size = Number(await bar.getAttribute('aria-valuenow'))
  expect(await asked()).toEqual([['inset', { bottom: size, right: 0 }]])
  const box = await bar.boundingBox()
  await page.mouse.move(500, (box?.y ?? 0) + 4)
  await page.mouse.down()
  await page.mouse.move(500, (box?.y ?? 0) + 104)
  await page.mouse.up()
  expect(Number(await bar.getAttribute('aria-valuenow'))).toBe(size - 100)
  await page.getByRole('button', { name: 'Dock right' }).click()
  expect((await asked()).at(-1)).toEqual(['inset', { bottom: 0, right: 440 }])
  await mount(page, { hooks: true })
  expect((await asked()).slice(-2)).toEqual([
    ['inset', { bottom: 0, right: 0 }],
    ['inset', { bottom: 0, right: 440 }],
  ])
  await page.getByRole('button', { name: 'Dock below' }).click()
})

it('sorts and searches scripts and log lines', async () => {
  await tab(page, 'Scripts')
  const names = () => page.locator('tbody th button').allTextContents()
  await page.getByRole('button', { name: 'script', exact: true }).click()
  expect(await names()).toEqual(['counter', 'faulty', 'mover'])
  await page.getByRole('button', { name: 'script', exact: true }).click()
  expect(await names()).toEqual(['mover', 'faulty', 'counter'])
  expect(await page.getByRole('columnheader', { name: 'script' }).getAttribute('aria-sort')).toBe('descending')
  await page.getByRole('searchbox', { name: 'Filter scripts' }).fill('ount')
  expect(await names()).toEqual(['counter'])
  await page.getByRole('searchbox', { name: 'Filter scripts' }).fill('')
  await page.evaluate(() => {
    for (const level of [1, 3, 2]) game.runtime.call(game.ids.counter as ScriptId, 'say', level)
  })
  await tab(page, 'Logs')
  await page.getByRole('combobox', { name: 'Order of log lines' }).selectOption('by level')
  expect(await page.locator('.log .level').allTextContents()).toEqual(['error', 'warn', 'info'])
  await page.getByRole('searchbox', { name: 'Filter log lines' }).fill('nobody')
  await shows(page, 'No such lines.')
})

it('shows the globals and the memory of a script, in hexadecimal and by type, from an address on', async () => {
  await tab(page, 'Scripts')
  await page.getByRole('button', { name: 'counter' }).click()
  await page.getByText('Globals and memory', { exact: true }).click()
  await page.getByRole('row', { name: 'count i32 0' }).waitFor()
  const address = page.getByLabel('Address', { exact: true })
  await address.fill('0xc8')
  await shows(page, /^000000c8 {2}3c 62 3e 6c 69 6e 65 3c 2f 62 3e( 00)+ {2}<b>line<\/b>\.+$/m)
  await page.getByRole('combobox', { name: 'Type' }).selectOption('i32')
  await shows(page, /^000000c8 {2}1816027708 /m)
  await address.press('PageDown')
  expect(await address.inputValue()).toBe('0x1c8')
  await address.fill('70000')
  await shows(page, 'The memory ends at 65536 (0x10000).')
})

it('refuses a change while the game shows the past', async () => {
  await mount(page, { hooks: true, history: true })
  const entity = await spawn({ Position: { x: 1 } })
  await page.evaluate(() => {
    for (let ticks = 0; ticks < 3; ticks++) game.runtime.tick(1 / 60)
  })
  await tab(page, 'Time')
  await page.getByRole('slider').press('ArrowLeft')
  await look(entity)
  const field = page.getByLabel('Position.x', { exact: true })
  await field.fill('9')
  await field.press('Enter')
  await shows(page, /^The game shows tick \d+ of the past, where a change would be lost\. Go on from here/)
  expect(await x(entity)).toBe(1)
  await tab(page, 'Time')
  await page.getByRole('button', { name: 'Step' }).click()
  await look(entity)
  await field.fill('9')
  await field.press('Enter')
  expect(await x(entity)).toBe(9)
})

describe('files', () => {
  /** Presses a button that saves a file, and returns its path. */
  async function save(name: string | RegExp): Promise<string> {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()])
    return download.path()
  }
  const open = (name: string, file: string | { name: string; mimeType: string; buffer: Buffer }): Promise<void> =>
    page.getByLabel(name, { exact: true }).setInputFiles(file)

  it('of snapshots are saved and opened, and the game before can be restored', async () => {
    const entity = await spawn({ Position: { x: 1 } })
    await tab(page, 'Time')
    const file = await save('Save a snapshot')
    await page.evaluate((at) => game.runtime.write(at, { Position: { x: 2 } }), entity)
    await open('Open a snapshot', file)
    await shows(page, /^The game is at tick \d+ of the snapshot\.$/)
    expect(await x(entity)).toBe(1)
    await page.getByRole('button', { name: 'Return to the game before' }).click()
    await shows(page, /^The game is at tick \d+ again\.$/)
    expect(await x(entity)).toBe(2)
  })

  it('of a stranger change nothing, and say what is wrong with them', async () => {
    const entity = await spawn({ Position: { x: 3 } })
    const stranger = { name: 'game.save', mimeType: 'application/octet-stream', buffer: Buffer.from('no game') }
    await open('Open a snapshot', stranger)
    await page.locator('.files .error', { hasText: 'snapshot' }).waitFor()
    await open('Open a recording', stranger)
    await page.locator('.files .error', { hasText: 'recording' }).waitFor()
    expect(await x(entity)).toBe(3)
  })

  it('of a recording that cannot be saved are kept until it is discarded', async () => {
    await page.getByRole('button', { name: 'Record', exact: true }).click()
    await page.evaluate(() => {
      const [script] = game.runtime.scripts()
      try {
        // A mistake of the game, which no file can hold.
        game.runtime.call(script?.id as never, 'none', new Date() as never)
      } catch {}
    })
    await page.getByRole('button', { name: 'Stop and save' }).click()
    await page.locator('.files .error', { hasText: 'cannot be encoded' }).waitFor()
    await page.getByRole('button', { name: 'Save the recording' }).click()
    await page.locator('.files .error', { hasText: 'cannot be encoded' }).waitFor()
    await page.getByRole('button', { name: 'Discard the recording' }).click()
    await page.getByRole('button', { name: 'Record', exact: true }).waitFor()
  })

  it('of recordings are saved, and played to the same world', async () => {
    const entity = await spawn({ Position: { x: 0 } })
    await page.getByRole('button', { name: 'Record', exact: true }).click()
    await page.evaluate((at) => {
      for (let ticks = 0; ticks < 5; ticks++) game.runtime.tick(1 / 60)
      game.runtime.write(at, { Position: { x: 50 } })
      game.runtime.tick(1 / 60)
    }, entity)
    const file = await save('Stop and save')
    await page.evaluate((at) => game.runtime.write(at, { Position: { x: -1 } }), entity)
    await open('Open a recording', file)
    await shows(page, 'Tick 6 of 6 of the recording, as it was recorded. It is over; the game is paused.')
    expect(await x(entity)).toBe(50)
    await page.getByRole('button', { name: 'Return to the game before' }).click()
    expect(await x(entity)).toBe(-1)
  })
})

it('has nothing that axe complains of, and nothing too small or too pale, on a phone', async () => {
  await page.setViewportSize({ width: 360, height: 640 })
  const device = await page.context().newCDPSession(page)
  await device.send('Emulation.setTouchEmulationEnabled', { enabled: true })
  for (const name of ['Scripts', 'Logs', 'Faults', 'Reloads', 'Entities', 'Debug', 'Time'] as const) {
    await tab(page, name)
    if (name === 'Entities') await page.locator('.list button').first().click()
    expect(await lookAt(page), name).toEqual([])
    expect(await axeComplaints(page), name).toEqual([])
  }
  await device.send('Emulation.setTouchEmulationEnabled', { enabled: false })
  await page.setViewportSize({ width: 1000, height: 700 })
})

it('says in view what becomes of a first question, before the past is kept', async () => {
  await page.setViewportSize({ width: 1000, height: 400 })
  await look(await spawn({ Position: { x: 1 }, Velocity: { x: 1 } }))
  await page.getByRole('button', { name: 'Why Position.x?' }).click()
  const box = await page.getByText('The past is kept from now on. Let the game run, and ask again.').boundingBox()
  expect((box?.y ?? 400) + (box?.height ?? 0)).toBeLessThanOrEqual(400)
  await page.setViewportSize({ width: 1000, height: 700 })
})

it('opens the line of a fault in the editor of the game', async () => {
  await page.evaluate(() => {
    game.runtime.emit('break')
    game.runtime.tick(1 / 60)
  })
  await tab(page, 'Faults')
  await page.getByRole('button', { name: 'Open in the editor: line 4 of faulty' }).click()
  expect(await page.evaluate(() => game.asked)).toContainEqual(['open', 'faulty', 4, 12, 'Trap'])
  await page.evaluate(() => game.runtime.unloadModule(game.ids.faulty as ScriptId))
})
