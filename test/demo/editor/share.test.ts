import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeShare, encodeShare, MAX_FRAGMENT, MAX_SCRIPTS, MAX_TEXT } from '../../../demo/editor/share.ts'
import { TEXTS } from './texts.ts'

const pack = (bytes: Uint8Array): string => `#scripts=${deflateRawSync(bytes).toString('base64url')}`

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
    const fragment = (await encodeShare([{ script, text }])) as string
    expect(fragment).toMatch(/^#scripts=[\w-]+$/)
    expect(fragment.length).toBeLessThanOrEqual(MAX_FRAGMENT)
    expect(await decodeShare(fragment)).toEqual([{ script, text }])
  })

  it('contains several texts in one link', async () => {
    const shared = ['hunter', 'gun', 'mover'].map((script) => ({ script, text: TEXTS.get(script) as string }))
    expect(await decodeShare((await encodeShare(shared)) as string)).toEqual(shared)
    const many = Array.from({ length: MAX_SCRIPTS + 1 }, (_, index) => ({ script: `s${index}`, text: '' }))
    expect(await encodeShare(many.slice(1))).toBeDefined()
    expect(await encodeShare(many)).toBeUndefined()
  })

  it('contains any text and any name', async () => {
    const one = fc.record({ script: fc.string({ minLength: 1, maxLength: 8 }), text: fc.string({ unit: 'grapheme' }) })
    const shared = fc.uniqueArray(one, { minLength: 1, maxLength: 4, selector: ({ script }) => script })
    await fc.assert(
      fc.asyncProperty(shared, async (texts) => {
        expect(await decodeShare((await encodeShare(texts)) as string)).toEqual(texts)
      }),
      { numRuns: 200 },
    )
  })

  it('is not created for a text that is too long', async () => {
    expect(await encodeShare([{ script: 'a', text: noise(5000) }])).toBeDefined()
    expect(await encodeShare([{ script: 'a', text: noise(8000) }])).toBeUndefined()
    expect(await encodeShare([{ script: 'a', text: ' '.repeat(MAX_TEXT - 10) }])).toBeDefined()
    expect(await encodeShare([{ script: 'a', text: ' '.repeat(MAX_TEXT - 9) }])).toBeUndefined()
  })

  const whole = pack(Buffer.from('[["hunter","(module (memory 1))"]]'))
  const json = (value: unknown): string => pack(Buffer.from(JSON.stringify(value)))
  it.each([
    ['nothing', ''],
    ['an anchor', '#about'],
    ['no text', '#scripts='],
    ['no sign', whole.slice(1)],
    ['another alphabet', '#scripts=a+b/c='],
    ['base64 of an impossible length', '#scripts=abcde'],
    ['no deflate', `#scripts=${Buffer.from('hello, world').toString('base64url')}`],
    ['a cut one', whole.slice(0, -6)],
    ['no UTF-8', pack(Buffer.from([0x28, 0xff, 0xfe]))],
    ['no JSON', pack(Buffer.from('(module)'))],
    ['no list', json({ hunter: '(module)' })],
    ['an empty list', json([])],
    ['an empty name', json([['', '(module)']])],
    ['a long name', json([['a'.repeat(65), '(module)']])],
    ['a text that is none', json([['hunter', 1]])],
    [
      'a name twice',
      json([
        ['hunter', ''],
        ['hunter', '(module)'],
      ]),
    ],
    ['too many', json(Array.from({ length: MAX_SCRIPTS + 1 }, (_, index) => [`s${index}`, '']))],
    ['a text over the limit', pack(Buffer.alloc(MAX_TEXT + 1, 32))],
    ['a bomb', pack(Buffer.alloc(5_000_000, 32))],
    ['a fragment over the limit', pack(Buffer.from(noise(9000)))],
  ])('is refused: %s', async (what, hash) => {
    if (what === 'a bomb') expect(hash.length).toBeLessThan(MAX_FRAGMENT)
    expect(await decodeShare(hash)).toBeUndefined()
  })

  it('is read or refused, and never causes an exception', async () => {
    const packed = fc.uint8Array({ maxLength: 60 }).map((bytes) => `#scripts=${Buffer.from(bytes).toString('base64url')}`)
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), packed), async (hash) => {
        const shared = await decodeShare(hash)
        for (const { text } of shared ?? []) expect(typeof text).toBe('string')
      }),
      { numRuns: 300 },
    )
  })
})
