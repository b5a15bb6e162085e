/** Programs in Lua, each with a result. */
export const LUA: readonly string[] = [
  'local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end return fib(22)',
  `local sieve, count = {}, 0
   for i = 2, 20000 do if not sieve[i] then count = count + 1 for j = i * i, 20000, i do sieve[j] = true end end end return count`,
  `local parts = {} for i = 1, 2000 do parts[#parts + 1] = string.format('%d:%5.2f:%s', i, i / 7, ('x'):rep(i % 5)) end
   local text = table.concat(parts, ',') return #text .. text:sub(-40) .. select(2, text:gsub('x+', '<%0>'))`,
  `local list, seed = {}, 42
   for i = 1, 3000 do seed = (seed * 1103515245 + 12345) % 2147483648 list[i] = seed end
   table.sort(list) table.sort(list, function(a, b) return a % 1000 > b % 1000 or a % 1000 == b % 1000 and a < b end)
   return list[1] .. '/' .. list[1500] .. '/' .. list[3000]`,
  `local outcomes = {}
   for i = 1, 50 do
     local ok, message = pcall(function() if i % 3 == 0 then error({ code = i }) elseif i % 3 == 1 then error('plain ' .. i) end return i end)
     outcomes[i] = tostring(ok) .. (type(message) == 'table' and message.code or tostring(message))
   end
   return table.concat(outcomes, ';')`,
  `local function numbers(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i, i * i) end end) end
   local sum = 0 for a, b in numbers(500) do sum = sum + a * b end return sum`,
  `local Account = {} Account.__index = Account Account.__add = function(a, b) return setmetatable({ n = a.n + b.n }, Account) end
   local all = setmetatable({ n = 0 }, Account) for i = 1, 100 do all = all + setmetatable({ n = i }, Account) end return all.n`,
  "return ('%q'):format(tostring(2^53) .. math.floor(-7 / 2) .. 7 // -2 .. 7 % -3 .. math.maxinteger .. (1 << 62) .. (0.1 + 0.2))",
  "return ('key=value; other = thing'):match('(%w+)%s*=%s*(%w+);%s*(%w+)')",
  'return nil + 1',
  'this is no program',
]

/** Programs in JavaScript. The last value is the result. */
export const JAVASCRIPT: readonly string[] = [
  'function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) } fib(20)',
  "JSON.stringify(JSON.parse(JSON.stringify({ list: Array.from({ length: 300 }, (_, i) => ({ i, text: 'ä' + i / 7 })), deep: [[[[{}]]]] })))",
  "Array.from('The quick brown fox; the lazy dog: 12.5, -3e4'.matchAll(/(?<word>[a-z]+)|(-?\\d+(?:\\.\\d+)?(?:e\\d+)?)/giu), (m) => m[0] + m.index).join()",
  "'aaaa-bbb'.replace(/(a+)(?=-)|b{2}/g, (m, a) => '<' + m + ':' + a + '>') + /^(?:a|aa)+$/.test('a'.repeat(20) + 'b')",
  'let seed = 7; const list = Array.from({ length: 3000 }, () => (seed = (seed * 1103515245 + 12345) % 2147483648)); list.sort((a, b) => a - b).filter((_, i) => i % 100 === 0).join()',
  "const outcomes = []; for (let i = 0; i < 40; i++) { try { if (i % 2) throw new RangeError('odd ' + i); null.x } catch (error) { outcomes.push(error.name + error.message) } finally { outcomes.push(i) } } outcomes.join()",
  'const map = new Map(), set = new Set(); for (let i = 0; i < 2000; i++) { map.set("k" + (i % 97), (map.get("k" + (i % 97)) ?? 0) + i); set.add(i * i % 101) } JSON.stringify([[...map], [...set]])',
  'function* walk(n) { if (n > 0) { yield n; yield* walk(n - 1); yield -n } } [...walk(60)].join()',
  'class A { #x = 1; get x() { return this.#x } static make(n) { return Object.assign(new this(), { n }) } } class B extends A { get x() { return super.x + this.n } } B.make(41).x',
  'String([2n ** 200n, -(7n ** 50n) / 3n, BigInt.asIntN(64, 2n ** 63n), 0.1 + 0.2, 1e21, 5e-324, (123.456).toFixed(1), Math.hypot(3, 4), (255).toString(36)])',
  'new Float32Array(new Uint32Array([0x7f800001, 1, 0x3fc00000]).buffer).join() + new DataView(new ArrayBuffer(8)).getBigInt64(0)',
  "'straße €'.normalize('NFD').toUpperCase().split('').map((c) => c.codePointAt(0)).join() + [3, 1, 2].toString()",
  'new Promise((resolve) => resolve(1)); undefinedName',
  'this is no program',
]

const ROWS: readonly string[] = Array.from(
  { length: 2000 },
  (_, index) => `INSERT INTO item VALUES (${index}, 'item ${(index * 7919) % 2000}', ${(index * 37) % 101}, ${index / 8}, ${index % 13});`,
)

/** Statements in SQL, some of which fail. */
export const SQL: readonly string[] = [
  'CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL, amount INTEGER, price REAL, kind INTEGER); CREATE INDEX by_kind ON item (kind, amount)',
  'CREATE TABLE kind (id INTEGER PRIMARY KEY, name TEXT UNIQUE)',
  `BEGIN; ${ROWS.join('')} COMMIT;`,
  "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 12) INSERT INTO kind SELECT i, 'kind ' || i FROM n",
  'SELECT kind.name, count(*), sum(amount), avg(price), group_concat(item.id) FROM item JOIN kind ON kind.id = item.kind WHERE amount > 40 GROUP BY kind.id ORDER BY 3 DESC',
  'SELECT a.id, b.id FROM item a LEFT JOIN item b ON b.amount = a.amount AND b.id > a.id AND b.kind = 3 WHERE a.id % 50 = 0 ORDER BY a.id, b.id',
  "SELECT json_group_array(json_object('id', id, 'name', upper(name), 'price', round(price, 1))) FROM item WHERE id < 50",
  `SELECT key, value, json_extract('{"a": [1, {"b": 2.5}]}', '$.a[1].b') FROM json_each('[1, "two", null, {"three": 3}]')`,
  'SELECT id, sum(amount) OVER (PARTITION BY kind ORDER BY id ROWS 3 PRECEDING), rank() OVER (ORDER BY price DESC) FROM item LIMIT 100',
  "SELECT printf('%08.3f|%x|%s', 3.14159, 255, quote(x'00ff')), hex(substr('häuser', 2, 3)), 'abc' LIKE 'A%', 9223372036854775807 + 1, -7 / 2, -7 % 3",
  "UPDATE item SET name = replace(name, 'item', 'thing'), price = price * 1.1 WHERE kind IN (SELECT id FROM kind WHERE name GLOB '*1*')",
  'DELETE FROM item WHERE amount BETWEEN 20 AND 30',
  'BEGIN; DELETE FROM item; ROLLBACK',
  'SELECT count(*), total(price), min(name), max(name) FROM item',
  "INSERT INTO kind VALUES (100, 'kind 1')",
  'INSERT INTO item (id) VALUES (1)',
  'SELECT * FROM nothing',
  'SELEC 1',
  "SELECT abs(-9223372036854775808), json('{')",
  'PRAGMA integrity_check',
]
