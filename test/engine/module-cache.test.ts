import { describe, expect, it } from 'vitest'
import { ModuleCache } from '../../src/engine/module-cache.ts'

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]

/** Returns an empty module with a custom section of a given length that begins with a number. */
function numbered(number: number, size = 4): Uint8Array<ArrayBuffer> {
  const payload = [1, 0x61, ...new Uint8Array(new Uint32Array([number]).buffer), ...new Uint8Array(size - 4)]
  const length = [(payload.length & 127) | 128, ((payload.length >> 7) & 127) | 128, (payload.length >> 14) & 127]
  return Uint8Array.from([...HEADER, 0, ...length, ...payload])
}

describe('ModuleCache', () => {
  const counting = (): {
    cache: ModuleCache
    get: (bytes: Uint8Array<ArrayBuffer>) => Promise<WebAssembly.Module>
    count: () => number
  } => {
    const cache = new ModuleCache()
    let compiled = 0
    const compile = (bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> => {
      compiled++
      return WebAssembly.compile(bytes)
    }
    return { cache, get: (bytes) => cache.get(bytes, compile), count: () => compiled }
  }

  it('compiles the same bytes once, concurrently and later', async () => {
    const { get, count } = counting()
    const [one, other] = await Promise.all([get(numbered(1)), get(numbered(1))])
    expect(one).toBe(other)
    expect(await get(numbered(1))).toBe(one)
    expect(await get(numbered(2))).not.toBe(one)
    expect(count()).toBe(2)
  })

  it('keeps the 64 most recently used modules', async () => {
    const { get, count } = counting()
    for (let number = 0; number < 64; number++) await get(numbered(number))
    await get(numbered(0))
    expect(count()).toBe(64)
    await get(numbered(64))
    await get(numbered(0))
    expect(count()).toBe(65)
    await get(numbered(1))
    expect(count()).toBe(66)
  })

  it('keeps at most 8 MiB of modules', async () => {
    const { get, count } = counting()
    for (let number = 0; number < 9; number++) await get(numbered(number, 1_000_000))
    await get(numbered(0, 1_000_000))
    expect(count()).toBe(10)
    await get(numbered(8, 1_000_000))
    expect(count()).toBe(10)
  })

  it('does not keep modules that fail to compile', async () => {
    const { get, count } = counting()
    const broken = Uint8Array.from([...HEADER, 99])
    await expect(get(broken)).rejects.toThrow('WebAssembly.compile')
    await expect(get(broken)).rejects.toThrow('WebAssembly.compile')
    expect(count()).toBe(2)
  })
})
