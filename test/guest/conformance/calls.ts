import type { Chapter } from './suite.ts'

export const calls: Chapter = ({ it, expect, guest, load, errorOf }) => {
  const { caller } = guest.programs
  const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)

  it('takes and gives JSON', async () => {
    const { json } = await load(caller)
    const values = [1, -0.5, 'Grüße 🎲', '', true, null, [], [[1], {}], { list: [1, 'two', null], deep: { a: { b: [0] } } }]
    expect(values.map((value) => json('echo', value))).toEqual(values)
    expect(json('count')).toEqual(1)
  })

  it('takes and gives bytes', async () => {
    const { runtime, id } = await load(caller)
    for (const size of [0, 1, 7, 8, 9, 300_000]) {
      const bytes = Uint8Array.from({ length: size }, (_, index) => (index * 7) % (guest.bytes === 'text' ? 128 : 256))
      const given = runtime.callBytes(id, 'echo', bytes) ?? new Uint8Array()
      expect([given.length, given.every((byte, index) => byte === bytes[index])]).toEqual([size, true])
    }
  })

  it('gives text that is not JSON as InvalidJson, and as bytes', async () => {
    const { runtime, id, json } = await load(caller)
    expect(text(runtime.callBytes(id, 'half', new Uint8Array()))).toEqual('{')
    expect(await errorOf(() => json('half'))).toMatchObject({ code: 'InvalidJson', export: 'half' })
  })

  it('takes and gives no more than limits.jsonBytes, and no JSON that nests too deeply', async () => {
    const { runtime, id, json } = await load(caller, { limits: { jsonBytes: 1000 } })
    expect(json('echo', 'x'.repeat(998))).toEqual('x'.repeat(998))
    let nested: unknown[] = []
    for (let depth = 0; depth < 400; depth++) nested = [nested]
    expect(json('echo', nested)).toEqual(nested)
    for (let depth = 0; depth < 200; depth++) nested = [nested]
    const refused = [
      () => json('echo', 'x'.repeat(999)),
      () => json('echo', nested),
      () => runtime.callBytes(id, 'echo', new Uint8Array(1001)),
    ]
    const codes = []
    for (const work of refused) codes.push((await errorOf(work)).code)
    expect(codes).toEqual(['InvalidJson', 'InvalidJson', 'TooLarge'])
    expect(json('echo', 1)).toEqual(1)
  })

  it('refuses a name that is not exported, with the nearest', async () => {
    const { json } = await load(caller)
    const error = await errorOf(() => json('ecko'))
    expect(error).toMatchObject({ code: 'ExportNotFound', export: 'ecko' })
    expect(error.message).toContain("did you mean 'echo'?")
  })

  it('may be called again and again, and by its own host function', async () => {
    let nested: (() => unknown) | undefined
    const note = (): void => {
      const call = nested
      nested = undefined
      inner.push(call?.())
      nested = call
    }
    const inner: unknown[] = []
    const { json } = await load(guest.programs.reentrant, {}, { host: { test: { note } } })
    for (let count = 0; count < 3000; count++) json('echo', count)
    nested = () => json('outer', 'inner')
    expect(json('outer', 'outer')).toEqual('outer')
    nested = () => errorOf(() => json('nothing'))
    expect(json('outer', 'outer')).toEqual('outer')
    expect(inner.slice(0, 2)).toEqual([undefined, 'inner'])
  })

  const ENDS = { boom: 'Trap', spin: 'OutOfFuel', recurse: 'StackOverflow' } as const
  for (const [name, code] of Object.entries(ENDS)) {
    it(`throws and reports ${code}, once; other exports can still be called`, async () => {
      const { runtime, id, errors, json } = await load(caller)
      const error = await errorOf(() => json(name))
      expect(error).toMatchObject({ code, export: name, script: 'guest', scriptId: id })
      expect(errors.map((each) => each === error)).toEqual([true])
      expect(runtime.script(id).status).toEqual('faulted')
      expect(json('count')).toEqual(1)
      // Neither the depth nor the fuel of the call that failed is left behind.
      expect(json('echo', 'x')).toEqual('x')
      expect((await errorOf(() => json(name))).code).toEqual(code)
    })
  }
}
