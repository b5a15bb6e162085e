import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeShare, encodeShare, MAX_FRAGMENT, MAX_TEXT } from '../../../demo/editor/share.ts'
import { TEXTS } from './texts.ts'

const pack = (bytes: Uint8Array): string => `#script=hunter&text=${deflateRawSync(bytes).toString('base64url')}`

/** Returns letters that do not compress well. */
function noise(length: number): string {
  let seed = 1
  return Array.from({ length }, () => {
    seed = (seed * 48_271) % 0x7f_ff_ff_ff
    return String.fromCharCode(33 + (seed % 90))
  }).join('')
}

describe('a shared link', () => {
  it.each([...TEXTS])('contains %s.wat', async (script, text) => {
    const fragment = (await encodeShare({ script, text })) as string
    expect(fragment).toMatch(/^#script=\w+&text=[\w-]+$/)
    expect(fragment.length).toBeLessThanOrEqual(MAX_FRAGMENT)
    expect(await decodeShare(fragment)).toEqual({ script, text })
  })

  it('contains any text and any name', async () => {
    const shared = fc.record({ script: fc.string({ minLength: 1, unit: 'grapheme' }), text: fc.string({ unit: 'grapheme' }) })
    await fc.assert(
      fc.asyncProperty(shared, async (one) => {
        expect(await decodeShare((await encodeShare(one)) as string)).toEqual(one)
      }),
      { numRuns: 200 },
    )
  })

  it('is read with or without #', async () => {
    const fragment = (await encodeShare({ script: 'a', text: '\uFEFF(module)\r\n' })) as string
    expect(await decodeShare(fragment.slice(1))).toEqual({ script: 'a', text: '\uFEFF(module)\r\n' })
  })

  it('is not created for a text that is too long', async () => {
    expect(await encodeShare({ script: 'a', text: noise(5000) })).toBeDefined()
    expect(await encodeShare({ script: 'a', text: noise(8000) })).toBeUndefined()
    expect(await encodeShare({ script: 'a', text: ' '.repeat(MAX_TEXT) })).toBeDefined()
    expect(await encodeShare({ script: 'a', text: ' '.repeat(MAX_TEXT + 1) })).toBeUndefined()
  })

  const whole = pack(Buffer.from('(module (memory 1))'))
  it.each([
    ['nothing', ''],
    ['an anchor', '#about'],
    ['no text', '#script=hunter'],
    ['an empty text', '#script=hunter&text='],
    ['no script', whole.replace('script=hunter&', '')],
    ['an empty script', whole.replace('hunter', '')],
    ['another alphabet', '#script=hunter&text=a+b/c='],
    ['base64 of an impossible length', '#script=hunter&text=abcde'],
    ['no deflate', `#script=hunter&text=${Buffer.from('hello, world').toString('base64url')}`],
    ['a cut one', whole.slice(0, -6)],
    ['no UTF-8', pack(Buffer.from([0x28, 0xff, 0xfe]))],
    ['a text over the limit', pack(Buffer.alloc(MAX_TEXT + 1, 32))],
    ['a bomb', pack(Buffer.alloc(5_000_000, 32))],
    ['a fragment over the limit', pack(Buffer.from(noise(9000)))],
  ])('is refused: %s', async (what, hash) => {
    if (what === 'a bomb') expect(hash.length).toBeLessThan(MAX_FRAGMENT)
    expect(await decodeShare(hash)).toBeUndefined()
  })

  it('is read or refused, and never causes an exception', async () => {
    const packed = fc.uint8Array({ maxLength: 60 }).map((bytes) => `#script=a&text=${Buffer.from(bytes).toString('base64url')}`)
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), packed), async (hash) => {
        const shared = await decodeShare(hash)
        if (shared !== undefined) expect(typeof shared.text).toBe('string')
      }),
      { numRuns: 300 },
    )
  })
})
