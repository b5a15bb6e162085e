import { createRequire } from 'node:module'
import { newQuickJSWASMModule, newVariant, RELEASE_SYNC } from 'quickjs-emscripten'
import { LuaFactory } from 'wasmoon'
import { JAVASCRIPT, LUA, SQL } from '../../wasm/differential/programs.ts'

/** A program that an engine compiled to WebAssembly runs. */
export interface Program {
  readonly name: string
  run(): void
}

const require: NodeJS.Require = createRequire(import.meta.url)

const LUA_NAMES = ['Fibonacci', 'sieve', 'text', 'sort', 'errors'] as const
const JAVASCRIPT_NAMES = ['Fibonacci', 'JSON', 'expressions', 'replace'] as const
const ROWS: string = Array.from(
  { length: 400 },
  (_, index) => `INSERT INTO t VALUES (${index}, 'name ${(index * 7919) % 400}', ${index / 8});`,
).join('')
const STATEMENTS = [
  {
    name: 'insert',
    text: ['CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT, y REAL); CREATE INDEX tx ON t (x)', `BEGIN; ${ROWS} COMMIT;`, 'DROP TABLE t'],
  },
  {
    name: 'join',
    text: [
      'SELECT kind.name, count(*), sum(amount), avg(price), group_concat(item.id) FROM item JOIN kind ON kind.id = item.kind WHERE amount > 40 GROUP BY kind.id ORDER BY 3 DESC',
    ],
  },
  {
    name: 'recursion',
    text: [
      'WITH RECURSIVE x(n, a) AS (SELECT 1, 0 UNION ALL SELECT n + 1, (a * 31 + n) % 1000003 FROM x WHERE n < 20000) SELECT max(a) FROM x',
    ],
  },
  { name: 'text', text: ["SELECT sum(length(replace(upper(name), 'ITEM', 'thing'))) FROM item"] },
] as const

/** Thirteen programs, on engines from npm that are instantiated anew: Lua, JavaScript and SQL. */
export async function createPrograms(): Promise<readonly Program[]> {
  return [...(await luaPrograms()), ...(await javaScriptPrograms()), ...sqlPrograms()]
}

async function luaPrograms(): Promise<readonly Program[]> {
  const lua = await new LuaFactory().createEngine()
  return LUA_NAMES.map((name, index) => {
    lua.doStringSync(`function program${index}() ${LUA[index]} end`)
    return { name: `Lua: ${name}`, run: () => void lua.doStringSync(`return program${index}()`) }
  })
}

async function javaScriptPrograms(): Promise<readonly Program[]> {
  // A new variant, so that the package does not reuse the module that it loaded before.
  const quickjs = await newQuickJSWASMModule(newVariant(RELEASE_SYNC, {}))
  const context = quickjs.newContext()
  return JAVASCRIPT_NAMES.map((name, index) => ({
    name: `QuickJS: ${name}`,
    run: () => context.unwrapResult(context.evalCode(`{${JAVASCRIPT[index]}}`)).dispose(),
  }))
}

function sqlPrograms(): readonly Program[] {
  // Node caches the module, so it is removed from the cache first.
  delete require.cache[require.resolve('node-sqlite3-wasm')]
  const { Database } = require('node-sqlite3-wasm') as typeof import('node-sqlite3-wasm')
  const database = new Database()
  const run = (statement: string): unknown => (/^(SELECT|WITH)/.test(statement) ? database.all(statement) : database.exec(statement))
  for (const statement of SQL.slice(0, 3)) database.exec(statement)
  database.exec(SQL[3] ?? '')
  return STATEMENTS.map(({ name, text }) => ({
    name: `SQLite: ${name}`,
    run() {
      for (const statement of text) run(statement)
    },
  }))
}
