import { ERROR_SENTENCES, type ErrorCode, ScriptError } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { notLoaded, withContext } from '../src/errors.ts'

const CODES = `InvalidText InvalidBinary TooLarge MissingExport UnknownImport ImportTypeMismatch GrantDenied InvalidMetadata
AbiMismatch DuplicateName InitFailed Trap HostError OutOfFuel OutOfMemory StackOverflow EntityOutOfRange InvalidPointer InvalidJson
SignatureMismatch ExportNotFound ScriptNotFound GuestError InvalidManifest HashMismatch DependencyUnmet InvalidResult QueueFull Timeout BuildFailed InvalidSource
StateRejected
LoadFailed EngineUnavailable InvalidOptions Disposed`.split(/\s+/)

describe('ScriptError', () => {
  it('has a sentence for every code, and no other code', () => {
    expect(Object.keys(ERROR_SENTENCES)).toEqual(CODES)
    for (const sentence of Object.values(ERROR_SENTENCES)) expect(sentence).toMatch(/^[A-Z].*\.$/)
  })

  it.each(CODES)('%s says what happened, where, and what to do', (code) => {
    const cause = new Error('why')
    const location = { file: 'a.wat', line: 2, column: 3 }
    const error = new ScriptError(code as ErrorCode, 'it broke', {
      script: 'a',
      scriptId: 1,
      entity: 5,
      export: 'update',
      location,
      frame: '> 2',
      cause,
    })
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'ScriptError',
      code,
      script: 'a',
      scriptId: 1,
      entity: 5,
      export: 'update',
      location,
      frame: '> 2',
      cause,
    })
    expect(error.message).toBe(`a.update on entity 5 at a.wat:2:3: it broke. ${ERROR_SENTENCES[code as ErrorCode]} [${code}]`)
  })

  it('has only what is known', () => {
    const error = new ScriptError('Trap', 'unreachable')
    expect(error.message).toBe('unreachable. Correct the script and reload it. [Trap]')
    expect(Object.keys(error)).not.toContain('script')
    expect('cause' in error).toBe(false)
  })

  it('keeps what it knows when more becomes known', () => {
    const error = withContext(new ScriptError('Trap', 'unreachable', { export: 'tick' }), { script: 'a', export: 'call', entity: 3 })
    expect(error).toMatchObject({ script: 'a', export: 'tick', entity: 3 })
    expect(error.stack).toContain('a.tick on entity 3: unreachable')
  })

  it('escapes control characters in what it says', () => {
    const error = new ScriptError('UnknownImport', 'x\u001b[2J does not exist', {
      script: 'a\u0007',
      trace: [{ function: 'f\u001b]0;t\u0007' }],
    })
    expect(`${error.message}${error.detail}${error.stack}`).not.toMatch(/(?!\n)\p{Cc}/u)
    expect(error.detail).toBe('x\\x1b[2J does not exist')
    expect(error.script).toBe('a\u0007')
  })

  it('cuts what it says, and the names before it, in the middle', () => {
    const error = new ScriptError('UnknownImport', `${'x'.repeat(1_000_000)} does not exist`, {
      script: 'a'.repeat(500),
      export: 'b'.repeat(500),
    })
    expect(error.detail).toMatch(/^x{1000}…x+ does not exist$/)
    expect(error.detail).toHaveLength(2000)
    expect(error.message).toMatch(/^a{50}…a{49}\.b{50}…b{49}: x/)
    expect(error.message.length).toBeLessThan(2400)
  })
})

describe('code that a game downloads later', () => {
  it('is named by LoadFailed if it cannot be loaded, with the cause', async () => {
    const cause = new TypeError('Failed to fetch dynamically imported module')
    const loading = Promise.reject(cause).catch(notLoaded('the code that reads URLs'))
    await expect(loading).rejects.toMatchObject({
      code: 'LoadFailed',
      detail: 'the code that reads URLs could not be loaded: all files of the build must be served',
      cause,
    })
  })
})
