import { describe, expect, it, vi } from 'vitest'
import { EngineMemory } from '../../../src/wasm/instance/instance-memory.ts'
import { TextBoundary } from '../../../src/wasm/instance/text-boundary.ts'
import { codeOf, errorOf } from '../../fixtures/game.ts'
import { type Script, startScript } from '../../fixtures/wasm/script.ts'

const PAGE = 65_536
/** Returns a script whose memory holds a WAT string at 16. */
const holding = (content: string, jsonBytes?: number) =>
  startScript(`(module (memory (export "memory") 1) (data (i32.const 16) "${content}"))`, jsonBytes)
const pass = (boundary: TextBoundary, value: unknown) =>
  boundary.passJson(
    value,
    (pointer, length) => boundary.readString(pointer, length),
    (returned) => returned,
  )

describe('strings', () => {
  it('are read as UTF-8', async () => {
    const { boundary } = await holding('größe 日本 😀')
    expect(boundary.readString(16, 19)).toBe('größe 日本 😀')
    expect(boundary.readString(16, 3)).toBe('gr\ufffd')
    expect(boundary.readString(16, 0)).toBe('')
  })

  it('have U+FFFD in place of invalid UTF-8', async () => {
    const { boundary } = await holding('a\\ffb\\c3(')
    expect(boundary.readString(16, 5)).toBe('a\ufffdb\ufffd(')
  })

  it('lose a leading byte order mark and keep others', async () => {
    const { boundary } = await holding('\\ef\\bb\\bfa\\ef\\bb\\bfb')
    expect(boundary.readString(16, 8)).toBe('a\ufeffb')
  })

  it('are read from a memory that has grown', async () => {
    const { boundary, memory } = await holding('before')
    memory.grow(1)
    new Uint8Array(memory.buffer).set(new TextEncoder().encode('after'), PAGE + 8)
    expect(boundary.readString(PAGE + 8, 5)).toBe('after')
    expect(boundary.readString(16, 6)).toBe('before')
  })
})

describe('bytes', () => {
  it('are copied, so that later writes of the script do not change them', async () => {
    const { boundary, memory } = await holding('abc')
    const bytes = boundary.readBytes(16, 3)
    new Uint8Array(memory.buffer)[16] = 0
    expect([...bytes]).toEqual([0x61, 0x62, 0x63])
    expect(bytes.buffer.byteLength).toBe(3)
  })
})

describe('a pointer', () => {
  it.each([
    ['to the last byte', PAGE - 1, 1],
    ['to nothing at the end', PAGE, 0],
    ['to the whole memory', 0, PAGE],
  ])('%s is inside the memory', async (_, pointer, length) => {
    const { boundary } = await holding('')
    expect(boundary.readBytes(pointer, length)).toHaveLength(length)
  })

  it.each([
    ['one byte past the end', PAGE, 1, '65536 to 65537'],
    ['across the end', PAGE - 2, 3, '65534 to 65537'],
    ['to nothing past the end', PAGE + 1, 0, '65537 to 65537'],
    ['of -1', -1, 1, '4294967295 to 4294967296'],
    ['of -1 to nothing', -1, 0, '4294967295 to 4294967295'],
    ['of the least number', -(2 ** 31), 1, '2147483648 to 2147483649'],
    ['with a length of -1', 0, -1, '0 to 4294967295'],
    ['with a length that would overflow to within', 16, -8, '16 to 4294967304'],
    ['with the greatest length', 1, 2 ** 31 - 1, '1 to 2147483648'],
  ])('%s is outside the memory', async (_, pointer, length, range) => {
    const { memory } = await holding('')
    const boundary = new TextBoundary({ memory: new EngineMemory(memory) }, { jsonBytes: 2 ** 32 })
    const detail = `the bytes ${range} are outside the memory of 65536 bytes`
    expect(await errorOf(() => boundary.readBytes(pointer, length))).toMatchObject({ code: 'InvalidPointer', detail })
    expect(await codeOf(() => boundary.readString(pointer, length))).toBe('InvalidPointer')
    expect(await codeOf(() => boundary.readJson(pointer, length))).toBe('InvalidPointer')
  })

  it('is MissingExport if the script exports no memory', async () => {
    const boundary = new TextBoundary({}, { jsonBytes: PAGE })
    const detail = "text was passed, but the script exports no 'memory'"
    expect(await errorOf(() => boundary.readString(0, 0))).toMatchObject({ code: 'MissingExport', detail })
    expect(await errorOf(() => boundary.bytes)).toMatchObject({ code: 'MissingExport', detail })
  })
})

describe('JSON that is read', () => {
  it('is any JSON value', async () => {
    const { boundary } = await holding('{\\"größe\\":[1,2.5,null,true,\\"😀\\"]}')
    expect(boundary.readJson(16, 36)).toEqual({ größe: [1, 2.5, null, true, '😀'] })
  })

  it.each([
    ['no JSON', 'hello', 5, 'it begins "hello"'],
    ['nothing', '', 0, 'it begins ""'],
    ['no UTF-8', '\\"\\ff\\"', 3, 'it begins "\\"\ufffd\\""'],
    ['cut', '{\\"a\\":1}', 6, 'it begins "{\\"a\\":1"'],
    ['two values', '1 2', 3, 'it begins "1 2"'],
  ])('is refused if it is %s', async (_, content, length, beginning) => {
    const { boundary } = await holding(content)
    const error = await errorOf(() => boundary.readJson(16, length))
    expect(error).toMatchObject({ code: 'InvalidJson', detail: `the text at 16 is not JSON: ${beginning}` })
    expect(error.cause).toBeInstanceOf(Error)
  })

  it('is quoted up to 40 bytes when it is refused', async () => {
    const { boundary } = await holding('x'.repeat(100))
    expect((await errorOf(() => boundary.readJson(16, 100))).detail).toBe(`the text at 16 is not JSON: it begins "${'x'.repeat(40)}"`)
  })

  it('is refused if it nests deeper than 512 levels, in both directions', async () => {
    const { boundary } = await holding('['.repeat(2000))
    expect((await errorOf(() => boundary.readJson(16, 2000))).message).toMatch(/at 16 cannot be read: .*512 levels.*InvalidJson/)
    const deep = JSON.parse(`${'['.repeat(2000)}${']'.repeat(2000)}`)
    expect((await errorOf(() => pass(boundary, deep))).message).toMatch(/512 levels.*InvalidJson/)
  })

  it('may not begin with a byte order mark, but may have one in a string', async () => {
    const { boundary } = await holding('\\ef\\bb\\bf\\"\\ef\\bb\\bf\\"')
    expect(await codeOf(() => boundary.readJson(16, 8))).toBe('InvalidJson')
    expect(boundary.readJson(19, 5)).toBe('\ufeff')
  })

  it('may have as many bytes as the limit says, and none more', async () => {
    const { boundary } = await holding('\\"äöü\\"', 8)
    expect(boundary.readJson(16, 8)).toBe('äöü')
    const detail = 'the JSON text has 9 bytes, the limit is 8 (limits.jsonBytes)'
    expect(await errorOf(() => boundary.readJson(16, 9))).toMatchObject({ code: 'InvalidJson', detail })
    expect((await errorOf(() => boundary.readJson(16, -1))).detail).toContain('4294967295 bytes')
  })
})

describe('JSON that a function returns', () => {
  const RETURNS = `(module
    (memory (export "memory") 1)
    (data (i32.const 300) "[1,2]")
    (func (export "two") (result i32 i32) (i32.const 300) (i32.const 5))
    (func (export "packed") (result i64) (i64.const 0x0000012c_00000005))
    (func (export "negative") (result i64) (i64.const 0x80000010_00000002))
    (func (export "negative_length") (result i64) (i64.const 0x00000000_ffffffff))
    (func (export "negative_two") (result i32 i32) (i32.const 0x80000010) (i32.const 2)))`

  it.each(['two', 'packed'])('may be two results or packed in an i64: %s', async (name) => {
    const { boundary, call } = await startScript(RETURNS)
    expect(boundary.readResult(call(name))).toEqual([1, 2])
  })

  it.each(['negative', 'negative_two'])('has an unsigned pointer: %s', async (name) => {
    const { boundary, call } = await startScript(RETURNS)
    const detail = 'the bytes 2147483664 to 2147483666 are outside the memory of 65536 bytes'
    expect(await errorOf(() => boundary.readResult(call(name)))).toMatchObject({ code: 'InvalidPointer', detail })
  })

  it('has an unsigned length', async () => {
    const { boundary, call } = await startScript(RETURNS)
    expect((await errorOf(() => boundary.readResult(call('negative_length')))).detail).toContain('has 4294967295 bytes')
  })

  it('may lie above 2 GiB', async () => {
    const { boundary, call } = await startScript(`(module
      (memory (export "memory") 32769)
      (func (export "packed") (result i64)
        (i32.store16 (i32.const 0x80000010) (i32.const 0x3234))
        (i64.const 0x80000010_00000002))
      (func (export "two") (result i32 i32) (i32.const 0x80000010) (i32.const 2)))`)
    expect(boundary.readResult(call('packed'))).toBe(42)
    expect(boundary.readResult(call('two'))).toBe(42)
    expect((await errorOf(() => boundary.readJson(0x80000012 | 0, 1))).detail).toContain('the text at 2147483666 is not JSON')
  })
})

describe('JSON that is passed', () => {
  const TAKES = `(module
    (memory (export "memory") 1)
    (func (export "same") (param i32 i32) (result i32 i32) (local.get 0) (local.get 1))
    (func (export "trap") (param i32 i32) (unreachable)))`
  const roundTrip = ({ boundary, call }: Script, value: unknown) =>
    boundary.passJson(
      value,
      (pointer, length) => call('same', pointer, length),
      (result) => boundary.readResult(result),
    )

  it.each([
    ['an object', { größe: [1, -2.5, null, true], 日本: '😀' }],
    ['a string with a byte order mark', '\ufeff'],
    ['half a surrogate pair', '\ud800'],
    ['an empty string', ''],
    ['null', null],
  ])('is returned unchanged: %s', async (_, value) => {
    expect(roundTrip(await startScript(TAKES), value)).toEqual(value)
  })

  it('is null for values that JSON does not have', async () => {
    const { boundary } = await startScript(TAKES)
    expect(pass(boundary, undefined)).toBe('null')
    expect(pass(boundary, () => 1)).toBe('null')
  })

  it('is the output of JSON.stringify', async () => {
    const { boundary } = await startScript(TAKES)
    expect(pass(boundary, { at: new Date(0), none: undefined, nan: Number.NaN })).toBe('{"at":"1970-01-01T00:00:00.000Z","nan":null}')
  })

  it('leaves nothing in the memory, also of what was written before a character of several bytes', async () => {
    const { boundary, memory } = await startScript(TAKES)
    for (const text of ['a', 'aé', 'a'.repeat(300), `${'a'.repeat(300)}é`]) {
      expect(pass(boundary, text)).toBe(JSON.stringify(text))
      expect(new Uint8Array(memory.buffer).every((byte) => byte === 0)).toBe(true)
    }
  })

  it('needs no encoder if it is short', async () => {
    const { boundary } = await startScript(TAKES)
    const encode = vi.spyOn(TextEncoder.prototype, 'encode')
    pass(boundary, { x: 1.5, name: 'hunter', id: 12345 })
    expect(encode).not.toHaveBeenCalled()
    encode.mockRestore()
  })

  it('stays in the memory until the result is read', async () => {
    const { boundary } = await startScript(TAKES)
    const seen = boundary.passJson(
      'outer',
      (...outer) => {
        expect(pass(boundary, 'another')).toBe('"another"')
        return outer
      },
      (outer) => [pass(boundary, 'one more'), boundary.readString(...outer)],
    )
    expect(seen).toEqual(['"one more"', '"outer"'])
  })

  it.each([
    [
      'a circle',
      () => {
        const circle: unknown[] = []
        circle.push(circle)
        return circle
      },
    ],
    ['a bigint', () => 1n],
    [
      'what throws when it is written',
      () => ({
        toJSON: () => {
          throw new Error('no')
        },
      }),
    ],
  ])('is refused if it is %s, before anything is called', async (_, make) => {
    const { boundary } = await startScript(TAKES)
    let called = false
    const error = await errorOf(() =>
      boundary.passJson(
        make(),
        () => {
          called = true
        },
        () => 0,
      ),
    )
    expect(error).toMatchObject({ code: 'InvalidJson', detail: 'the value that is passed cannot be written as JSON' })
    expect(error.cause).toBeInstanceOf(Error)
    expect(called).toBe(false)
  })

  it('may have as many bytes as the limit says, and none more', async () => {
    const { boundary, memory } = await startScript(TAKES, 8)
    expect(pass(boundary, 'äöü')).toBe('"äöü"')
    const before = memory.buffer.byteLength
    const detail = 'the JSON text has 9 bytes, the limit is 8 (limits.jsonBytes)'
    expect(await errorOf(() => pass(boundary, 'äöüx'))).toMatchObject({ code: 'InvalidJson', detail })
    expect(memory.buffer.byteLength).toBe(before)
  })

  it('requires an exported memory', async () => {
    const boundary = new TextBoundary({}, { jsonBytes: PAGE })
    const detail = "text was passed, but the script exports no 'memory'"
    expect(await errorOf(() => pass(boundary, 1))).toMatchObject({ code: 'MissingExport', detail })
  })

  it('can be passed again after a trap', async () => {
    const script = await startScript(TAKES)
    const { boundary, call, memory } = script
    const trapping = () =>
      boundary.passJson(
        'a',
        (pointer, length) => call('trap', pointer, length),
        () => 0,
      )
    expect(await errorOf(trapping)).toBeInstanceOf(WebAssembly.RuntimeError)
    const before = memory.buffer.byteLength
    expect(roundTrip(script, 'b')).toBe('b')
    expect(memory.buffer.byteLength).toBe(before)
  })
})

describe('JSON that is passed to a script without alloc', () => {
  it("does not change the script's own memory", async () => {
    const { boundary, memory } = await startScript('(module (memory (export "memory") 1) (func (export "take") (param i32 i32)))', 4 * PAGE)
    new Uint8Array(memory.buffer, 0, PAGE).fill(7)
    expect(pass(boundary, 'short')).toBe('"short"')
    const grown = memory.grow(1) * PAGE
    new Uint8Array(memory.buffer, grown, PAGE).fill(8)
    const long = 'x'.repeat(2 * PAGE)
    expect(pass(boundary, long)).toBe(JSON.stringify(long))
    expect(new Uint8Array(memory.buffer, 0, PAGE).every((byte) => byte === 7)).toBe(true)
    expect(new Uint8Array(memory.buffer, grown, PAGE).every((byte) => byte === 8)).toBe(true)
  })

  it('works if the script grows its memory during the call', async () => {
    const { boundary, memory } = await startScript('(module (memory (export "memory") 1) (func (export "take") (param i32 i32)))')
    const read = boundary.passJson(
      'a',
      (pointer, length) => {
        memory.grow(1)
        return boundary.readString(pointer, length)
      },
      (returned) => returned,
    )
    expect(read).toBe('"a"')
  })

  it('is MissingExport without a host arena', async () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 })
    expect(await codeOf(() => pass(new TextBoundary({ memory: new EngineMemory(memory) }, { jsonBytes: PAGE }), 'a'))).toBe('MissingExport')
  })
})

describe('JSON that is passed to a script with alloc', () => {
  interface Allocator {
    readonly boundary: TextBoundary
    readonly memory: WebAssembly.Memory
    /** The calls of the script's functions, in order. */
    readonly calls: string[]
  }

  function allocator(pointer: number, onAlloc?: (memory: WebAssembly.Memory) => void): Allocator {
    const calls: string[] = []
    const memory = new WebAssembly.Memory({ initial: 1 })
    const alloc = (length: number) => {
      calls.push(`alloc ${length}`)
      onAlloc?.(memory)
      return pointer
    }
    const dealloc = (...args: number[]) => calls.push(`dealloc ${args.join(' ')}`)
    return { boundary: new TextBoundary({ memory: new EngineMemory(memory), alloc, dealloc }, { jsonBytes: PAGE }), memory, calls }
  }

  it('is written where alloc returns, and freed after the result is read', () => {
    const { boundary, calls } = allocator(1000)
    const result = boundary.passJson(
      'größe',
      (...args) => {
        calls.push(`call ${args.join(' ')}`)
        return args
      },
      (args) => {
        calls.push(`read ${boundary.readString(...args)}`)
        return 'done'
      },
    )
    expect(result).toBe('done')
    expect(calls).toEqual(['alloc 9', 'call 1000 9', 'read "größe"', 'dealloc 1000 9'])
  })

  it('does not leak memory over many calls', async () => {
    const { boundary, global, memory } = await startScript(`(module
      (memory (export "memory") 1)
      (global $used (export "used") (mut i32) (i32.const 8))
      (func (export "alloc") (param i32) (result i32)
        (global.get $used)
        (global.set $used (i32.add (global.get $used) (local.get 0))))
      (func (export "dealloc") (param i32 i32) (global.set $used (i32.sub (global.get $used) (local.get 1)))))`)
    for (const value of ['a', { b: [1, 2, 3] }, null]) expect(pass(boundary, value)).toBe(JSON.stringify(value))
    expect(global('used')).toBe(8)
    expect(memory.buffer.byteLength).toBe(PAGE)
  })

  it('is freed if the result cannot be read', async () => {
    const { boundary, calls } = allocator(1000)
    const failing = () =>
      boundary.passJson(
        'a',
        () => [1000, 1] as const,
        (returned) => boundary.readResult(returned),
      )
    expect(await codeOf(failing)).toBe('InvalidJson')
    expect(calls).toEqual(['alloc 3', 'dealloc 1000 3'])
  })

  it('is not freed after a trap, which is thrown', async () => {
    const { boundary, calls } = allocator(1000)
    const trap = new WebAssembly.RuntimeError('unreachable')
    const trapping = () =>
      boundary.passJson(
        'a',
        () => {
          throw trap
        },
        () => 0,
      )
    expect(await errorOf(trapping)).toBe(trap)
    expect(calls).toEqual(['alloc 3'])
  })

  it('is not freed if the script has no dealloc', () => {
    const memory = new WebAssembly.Memory({ initial: 1 })
    expect(pass(new TextBoundary({ memory: new EngineMemory(memory), alloc: () => 0 }, { jsonBytes: PAGE }), 'a')).toBe('"a"')
  })

  it('is refused if alloc returns an address outside the memory', async () => {
    const { boundary } = allocator(PAGE - 2)
    expect(await codeOf(() => pass(boundary, 'a'))).toBe('InvalidPointer')
    expect(pass(boundary, 10)).toBe('10')
    expect(await codeOf(() => pass(allocator(-8).boundary, 'a'))).toBe('InvalidPointer')
  })

  it('is written to the memory after alloc has grown it', () => {
    const { boundary } = allocator(PAGE, (memory) => memory.grow(1))
    expect(pass(boundary, 'a')).toBe('"a"')
  })

  it('requires an exported memory as well', async () => {
    const boundary = new TextBoundary({ alloc: () => 0 }, { jsonBytes: PAGE })
    expect(await codeOf(() => pass(boundary, 'a'))).toBe('MissingExport')
  })
})
