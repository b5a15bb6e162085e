import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newQuickJSWASMModule, newVariant, RELEASE_SYNC } from 'quickjs-emscripten'
import { describe, expect, it } from 'vitest'
import { LuaFactory } from 'wasmoon'
import { inlining } from '../../../src/host/inline/inlined-code.ts'
import { withRewriting } from '../../fixtures/wasm/rewriting-engine.ts'
import { HAS_MANY_MEMORIES, rewriteForTest } from '../../fixtures/wasm/rewritten.ts'
import { JAVASCRIPT, LUA, SQL } from './programs.ts'

const PACKAGES = fileURLToPath(new URL('../../../node_modules/', import.meta.url))
const require: NodeJS.Require = createRequire(import.meta.url)

/** Runs a use of the original and the rewritten module, expecting the same outcome and some fuel spent. */
async function compare(work: () => Promise<unknown>): Promise<void> {
  const original = await work()
  const rewritten = await withRewriting(async (use) => {
    const outcome = await work()
    expect(use.instances.length).toBeGreaterThan(0)
    expect(use.spent).toBeGreaterThan(1_000_000)
    expect(use.instances.some(({ exhausted }) => exhausted)).toBe(false)
    return outcome
  })
  expect(rewritten).toEqual(original)
}

async function runLua(): Promise<unknown> {
  const outcomes: unknown[] = []
  const lua = await new LuaFactory().createEngine()
  for (const program of LUA) {
    try {
      outcomes.push(await lua.doString(program))
    } catch (error) {
      outcomes.push((error as Error).message)
    }
  }
  lua.global.close()
  return outcomes
}

async function runJavaScript(): Promise<unknown> {
  // A new variant, so that the package does not reuse the module that it loaded before.
  const quickjs = await newQuickJSWASMModule(newVariant(RELEASE_SYNC, {}))
  const context = quickjs.newContext()
  const outcomes = JAVASCRIPT.map((program) => {
    const result = context.evalCode(program)
    const value = context.dump(result.error ?? result.value)
    result.dispose()
    return [result.error !== undefined, value]
  })
  context.dispose()
  return outcomes
}

async function runSql(): Promise<unknown> {
  // Node caches the module, so it is removed from the cache first.
  delete require.cache[require.resolve('node-sqlite3-wasm')]
  const { Database } = require('node-sqlite3-wasm') as typeof import('node-sqlite3-wasm')
  const folder = await mkdtemp(join(tmpdir(), 'bitscript-sqlite-'))
  try {
    const file = join(folder, 'items.db')
    const database = new Database(file)
    const outcomes = SQL.map((statement) => {
      try {
        return /^(SELECT|PRAGMA)/.test(statement) ? database.all(statement) : database.exec(statement)
      } catch (error) {
        return (error as Error).message
      }
    })
    database.close()
    return [outcomes, await readFile(file, 'base64')]
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe('a real module', () => {
  it('(Lua) behaves the same after rewriting', () => compare(runLua))
  it('(QuickJS) behaves the same after rewriting', () => compare(runJavaScript))
  it('(SQLite) behaves the same after rewriting', () => compare(runSql))

  it('is valid after rewriting', () => {
    const files = readdirSync(PACKAGES, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.wasm'))
    expect(files.length).toBeGreaterThanOrEqual(9)
    for (const file of files) {
      const bytes = readFileSync(join(PACKAGES, file))
      if (!WebAssembly.validate(bytes)) continue
      expect(WebAssembly.validate(rewriteForTest(bytes).bytes), file).toBe(true)
      const accessors = new Map([[0xffff_ffff, { access: 'get', type: 'f32', base: 0, capacity: 1 } as const]])
      const besideEcs = rewriteForTest(bytes, { manyMemories: HAS_MANY_MEMORIES, inlining: inlining(accessors, undefined) })
      expect(WebAssembly.validate(besideEcs.bytes), file).toBe(true)
    }
  })
})
