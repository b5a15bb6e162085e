import * as bitecs from 'bitecs'
import * as bitscript from 'bitscript'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser, type OpenPage, openPage } from '../fixtures/browser.ts'
import { type Observed, observe } from '../fixtures/observe.ts'
import { REPOSITORY } from '../fixtures/project.ts'
import { createWebProject, serve, type WebProject } from '../fixtures/web-project.ts'

const update = (body: string, more = ''): string => `(module ${more}
  (func (export "update") (param $eid i32) (param $dt f32)
    ${body}))`
const POSITION = `(import "ecs.get" "Position.x" (func $x (param i32) (result f32))) (import "ecs.set" "Position.x" (func $set_x (param i32 f32)))`

/** Scripts that end in every possible way. */
const SCRIPTS: Readonly<Record<string, string>> = {
  'a division by zero in the third function': `(module
  (import "ecs.get" "Health.points" (func $points (param i32) (result i32)))
  (func $second (param $eid i32) (result i32)
    (call $third
      (local.get $eid)))
  (func $third (param $eid i32) (result i32)
    ;; flat, with a comment
    i32.const 100
    local.get $eid
    call $points
    i32.div_u)
  (func (export "update") (param $eid i32) (param $dt f32)
    (drop (call $second (local.get $eid)))))`,
  'an endless loop': update('(loop $for_ever\n      (br $for_ever))'),
  'endless recursion': update('(call $down)', '(func $down (call $down) (nop))'),
  'unreachable inside an if': update('(if (i32.eq (local.get $eid) (i32.const 3))\n      (then (unreachable)))'),
  'an entity beyond the capacity': update('(call $set_x (i32.const 4000) (f32.const 1))', POSITION),
  'a load out of bounds': update('(drop (i32.load (i32.const -4)))', '(memory (export "memory") 1)'),
  'a walk by chance': update(
    '(call $set_x (local.get $eid) (f32.add (call $x (local.get $eid)) (f32.demote_f64 (call $sin (call $random)))))',
    `${POSITION} (import "host" "random" (func $random (result f64))) (import "math" "sin" (func $sin (param f64) (result f64)))`,
  ),
  'loops and calls': update(
    '(local $n i32) (local.set $n (local.get $eid)) (loop $next (call $set_x (local.get $eid) (f32.convert_i32_s (call $twice (local.get $n)))) (br_if $next (i32.lt_s (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 50))))',
    `${POSITION} (func $twice (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))`,
  ),
}

const MAIN = `import * as bitecs from 'bitecs'
import * as bitscript from 'bitscript'
import { observe } from '/@fs${REPOSITORY}test/fixtures/observe.ts'
window.observe = (text, ticks) => observe(bitscript, bitecs, text, ticks)`

let browser: Browser
let project: WebProject
let server: Awaited<ReturnType<typeof serve>>
let open: OpenPage
beforeAll(async () => {
  browser = await launchBrowser()
  project = await createWebProject({ 'main.ts': MAIN })
  server = await serve({ ...project.config, server: { fs: { strict: false } } })
  open = await openPage(browser, server.url)
  await open.page.waitForFunction(() => 'observe' in window)
})
afterAll(async () => {
  await browser.close()
  await server.close()
  await project.remove()
})

describe('a browser produces the same results as Node', () => {
  it.each(Object.entries(SCRIPTS))('for %s: locations, frames and stacks of errors, fuel, and the world', async (_, text) => {
    const seen = await open.page.evaluate(
      ([script, ticks]) => (window as unknown as { observe: (text: string, ticks: number) => Promise<Observed> }).observe(script, ticks),
      [text, 4] as const,
    )
    const expected = JSON.parse(JSON.stringify(await observe(bitscript, bitecs, text, 4))) as Observed
    expect(JSON.parse(JSON.stringify(seen))).toEqual(expected)
    for (const error of expected.errors)
      expect(error).toMatchObject({ location: { file: 'script.wat' }, frame: expect.stringContaining('^') })
  })

  it('without errors in the page', () => {
    expect(open.complaints).toEqual([])
  })
})
