import { readFileSync } from 'node:fs'
import { Validator } from '@cfworker/json-schema'
import { DEFAULT_LIMITS, type Manifest, parseManifest } from 'bitscript'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scriptSchema } from '../../../../build/script-schema.ts'
import { grantSchema } from '../../../../src/runtime/api/load-options.ts'

const MINIMAL: Manifest = { name: 'doors', version: '1.0.0', source: './doors.wat' }
const FULL: Manifest = {
  $schema: './node_modules/bitscript/dist/script.schema.json',
  name: 'doors',
  version: '1.2.0-beta.1+5',
  abi: 1,
  description: 'Doors that open.',
  guest: 'script',
  source: { path: './doors.wat', sha256: 'a'.repeat(64) },
  requires: { exports: ['tick'], host: { audio: '^1.0.0' }, mods: { keys: '1.x || >=2 <3' } },
  grant: {
    read: ['Position'],
    write: ['Door'],
    change: ['Door'],
    spawn: true,
    emit: ['opened'],
    host: ['math', 'host.log'],
    hosts: ['*.example.com', '[::1]'],
  },
  limits: { ...DEFAULT_LIMITS },
  config: { speed: [1, null] },
  configSchema: { type: 'object' },
  order: -1.5,
  instances: 'shared',
  preserve: 'auto',
  onFault: { restart: 3, within: 60 },
  components: { Door: { open: 'f32', opener: 'eid' }, Locked: {} },
  actor: { query: 'Door !Locked', read: ['Door'], write: ['Door'], every: 2 },
  hooks: [
    { on: 'add', component: 'Door', export: 'on_door' },
    { on: 'change', component: 'Door.open', export: 'on_open' },
  ],
  every: [{ ticks: 30, export: 'creak' }],
  build: { command: 'asc', args: ['doors.ts'], watch: ['doors.ts'], output: 'doors.wasm' },
}

function mistakesOf(manifest: unknown): string {
  try {
    parseManifest(manifest as object)
    return ''
  } catch (error) {
    const { code, detail } = error as { code: string; detail: string }
    expect(code).toBe('InvalidManifest')
    return detail
  }
}

describe('parseManifest', () => {
  it('takes JSON, its bytes and objects, and returns a frozen copy', () => {
    const json = JSON.stringify(FULL)
    for (const given of [json, `\ufeff${json}`, new TextEncoder().encode(json), FULL]) expect(parseManifest(given)).toEqual(FULL)
    const copy = parseManifest(FULL)
    expect(copy).not.toBe(FULL)
    expect(Object.isFrozen(copy.hooks?.[0])).toBe(true)
  })

  it('reports every mistake at once, each with its path', () => {
    const detail = mistakesOf({
      nam: 'doors',
      version: '1',
      source: { path: 'a.wat', text: '(module)' },
      grant: { raed: ['Position'] },
      limits: { fuel: 0 },
      hooks: [FULL.hooks?.[0], { on: 'change', component: 'Door', export: 'x' }],
      requires: { mods: { keys: 'newest' } },
    })
    expect(detail.split(/: (.*)/)[0]).toBe('it has 8 mistakes')
    expect(detail.replace('it has 8 mistakes: ', '').split('; ').sort()).toEqual([
      "did you mean 'name'?",
      "did you mean 'read'?",
      'grant.raed: is unknown',
      'hooks[1].component: must be a field, such as Position.x, not "Door"',
      'limits.fuel: must be a whole number, 1 or more and at most 1073741823, not 0',
      'nam: is unknown',
      'name: must be given',
      'requires.mods.keys: must be a semver range, such as \'^1.2.0\', not "newest"',
      'source: must have one of path, url and text',
      'version: must be a version, such as \'1.0.0\', not "1"',
    ])
  })

  it('names the mistake inside of what has two forms', () => {
    expect(mistakesOf({ ...MINIMAL, source: { pth: 'a.wat' } })).toContain("source.pth: is unknown; did you mean 'path'?")
    expect(mistakesOf({ ...MINIMAL, onFault: { restart: 3 } })).toBe('onFault.within: must be given')
    expect(mistakesOf({ ...MINIMAL, onFault: 'halt' })).toContain("onFault: must be 'stop', 'detach' or an object")
  })

  it('reports all mistakes of a part that is no known form, and each once', () => {
    const hooks = [{ on: 'changed', component: 3, exprt: 'x' }, 3]
    expect(mistakesOf({ ...MINIMAL, hooks }).split(/; (?!did)/)).toEqual([
      "it has 5 mistakes: hooks[0].on: must be one of 'add', 'remove', 'change', not \"changed\"",
      'hooks[0].component: must be a text that is not empty, not 3',
      'hooks[0].export: must be given',
      "hooks[0].exprt: is unknown; did you mean 'export'?",
      'hooks[1]: must be an object with on, component and export, not 3',
    ])
    expect(mistakesOf({ ...MINIMAL, source: { pth: 'a', path: 'b', url: 'c' } })).toBe(
      "it has 2 mistakes: source.pth: is unknown; did you mean 'path'?; source: must have one of path, url and text",
    )
    expect(mistakesOf({ ...MINIMAL, every: [{ ticks: -0.5, export: 'x' }] })).toBe(
      'every[0].ticks: must be a whole number, 1 or more, not -0.5',
    )
  })

  it('takes a thousand entries in a list or a record, and short versions and ranges', () => {
    const many = Array.from({ length: 1001 }, (_, index) => `a${index}`)
    const byName = Object.fromEntries(many.map((name) => [name, '*']))
    expect(mistakesOf({ ...MINIMAL, grant: { read: many.slice(1) } })).toBe('')
    for (const [place, manifest] of [
      ['grant.read', { grant: { read: many } }],
      ['hooks', { hooks: many.map(() => 3) }],
      ['every', { every: many.map(() => ({ ticks: 1, export: 'x' })) }],
      ['requires.mods', { requires: { mods: byName } }],
      ['components', { components: Object.fromEntries(many.map((name) => [name, {}])) }],
    ] as const)
      expect(mistakesOf({ ...MINIMAL, ...manifest })).toBe(`${place}: must have at most 1000 entries`)
    expect(mistakesOf({ ...MINIMAL, requires: { mods: { keys: '>=1 '.repeat(100) } } })).toMatch(
      /^requires\.mods\.keys: must be a semver range/,
    )
    expect(mistakesOf({ ...MINIMAL, version: `1.0.0-${'a'.repeat(300)}` })).toMatch(/^version: must be a version/)
    expect(mistakesOf({ ...MINIMAL, name: 'two\nlines' })).toBe('name: must be a text of one line that is not empty, not "two\\nlines"')
  })

  it('refuses what is no object, or no JSON', () => {
    for (const given of [null, [], 3, '[]', 'null']) expect(mistakesOf(given)).toMatch(/^the manifest: must be an object|is not JSON/)
    expect(mistakesOf('{')).toMatch(/^the manifest is not JSON/)
    expect(mistakesOf({ ...MINIMAL, grant: [] })).toBe('grant: must be an object of what it may import, not an array')
  })

  it('lists the first of very many mistakes', () => {
    const hooks = Array.from({ length: 30 }, () => ({ on: 'add', component: 'Door' }))
    expect(mistakesOf({ ...MINIMAL, hooks })).toMatch(/^it has 30 mistakes: hooks\[0\]\.export: must be given.*and 10 more$/)
  })

  it('knows the same limits and grants as loadModule', () => {
    const { properties } = scriptSchema('') as { properties: Record<string, { properties: object }> }
    expect(Object.keys(properties.limits?.properties ?? {}).sort()).toEqual(Object.keys(DEFAULT_LIMITS).sort())
    const { entries } = grantSchema as unknown as { entries: object }
    expect(Object.keys(properties.grant?.properties ?? {})).toEqual(Object.keys(entries))
  })
})

describe('the JSON Schema', () => {
  const declarations = readFileSync(new URL('../../../../src/runtime/load/manifest/manifest.ts', import.meta.url), 'utf8')
  const validator = new Validator(scriptSchema(declarations), '7', false)

  it('describes every property', () => {
    const { properties } = scriptSchema(declarations) as { properties: Record<string, { description?: string }> }
    for (const [name, { description }] of Object.entries(properties)) expect(description, name).toBeTypeOf('string')
  })

  it('takes what parseManifest takes', () => {
    for (const manifest of [MINIMAL, FULL]) expect(validator.validate(manifest).errors).toEqual([])
  })

  it('agrees with parseManifest on manifests with anything in any place', () => {
    const places = pathsOf(FULL)
    const anything = fc.oneof(
      fc.constantFrom<unknown>('x', '', 0, 1, -1, 1.5, true, null, [], {}, ['x'], [1], { x: 'f32' }, { x: 1 }),
      fc.constant(undefined),
    )
    fc.assert(
      fc.property(fc.constantFrom(...places), anything, (place, value) => {
        const manifest = JSON.parse(JSON.stringify(FULL))
        let at = manifest
        for (const key of place.slice(0, -1)) at = at[key]
        const last = place.at(-1) as string
        if (value === undefined) delete at[last]
        else at[last] = value
        const given = JSON.parse(JSON.stringify(manifest))
        const detail = mistakesOf(given)
        // JSON Schema cannot say what a semver range is.
        if (/^requires\.(mods|host)\.\w+: must be a semver range.*"$/.test(detail)) return
        expect(validator.validate(given).valid, `${place.join('.')} = ${JSON.stringify(value)}: ${detail}`).toBe(detail === '')
      }),
      { numRuns: 1000 },
    )
  })
})

/** Returns the paths of all values in a value, and of a key that is not there in each object. */
function pathsOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null || path[0] === 'config' || path[0] === 'configSchema') return []
  const extra = Array.isArray(value) ? [] : [[...path, 'nothing']]
  return [...extra, ...Object.entries(value).flatMap(([key, each]) => [[...path, key], ...pathsOf(each, [...path, key])])]
}
