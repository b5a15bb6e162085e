import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { assemblyScriptAssistance } from '../../../../demo/editor/assemblyscript/assistance.ts'

const FOLDER = new URL('../../../../demo/languages/', import.meta.url)
const HUNTER = readFileSync(new URL('hunter.ts', FOLDER), 'utf8')
const assistance = assemblyScriptAssistance(readFileSync(new URL('game.ts', FOLDER), 'utf8'))

/** Returns the proposals at the sign `|` of a text. */
const at = (marked: string) => assistance.complete(marked.replace('|', ''), marked.indexOf('|'))
const proposal = (marked: string, label: string) => at(marked)?.words.find((each) => each.label === label)

describe('completion of AssemblyScript proposes', () => {
  it('what the game offers, with its type, meaning and fuel, and imports it', () => {
    const found = proposal("import { Entity } from './game'\nfunction a(): void { healthP| }", 'healthPoints')
    expect(found).toMatchObject({
      detail: '(entity: Entity): i16',
      explanation: { title: 'function healthPoints(entity: Entity): i16', text: 'Health.points: read a field of an entity', fuel: '1' },
    })
    expect(found?.also?.()).toEqual({ at: 'import { Entity'.length, insert: ', healthPoints' })
    expect(proposal("import {\n  Entity,\n} from './game'\nheal|", 'healthPoints')?.also?.()).toEqual({
      at: 18,
      insert: '\n  healthPoints,',
    })
    expect(proposal('// mine\nheal|', 'healthPoints')?.also?.()).toEqual({ at: 8, insert: "import { healthPoints } from './game'\n" })
    expect(proposal("import { healthPoints } from './game'\nheal|", 'healthPoints')?.also).toBeUndefined()
    expect(proposal("import { heal| } from './game'", 'healthPoints')?.also).toBeUndefined()
  })

  it('members of what the game offers', () => {
    expect(at('playerPosition.|')?.words.map(({ label }) => label)).toEqual(expect.arrayContaining(['count', 'first', 'next']))
    expect(at('Text.|')?.words.map(({ label }) => label)).toEqual(expect.arrayContaining(['begin', 'within']))
  })

  it('members of the class of a variable or a parameter, and only static ones of the class itself', () => {
    const labels = (marked: string) => at(marked)?.words.map(({ label }) => label)
    expect(labels('function update(hunter: Entity, dt: f32): void { hunter.| }')).toEqual(['id'])
    expect(labels('const line = Text.begin()\nline.|')).toEqual(expect.arrayContaining(['add', 'integer', 'log']))
    expect(labels('const eid = entityOf(3)\neid.|')).toEqual(['id'])
    expect(labels('const json = new Json(text, length)\njson.|')).not.toEqual([])
    expect(labels('class Gun {\n  heat: f32\n}\nconst gun = changetype<Gun>(at)\ngun.|')).toEqual(['heat'])
    expect(labels('Text.|')).not.toContain('add')
    expect(at('const speed: f32 = 1\nspeed.|')).toBeUndefined()
  })

  it('names of the script, types and functions of the language', () => {
    const text = 'let prey: i32 = 0\nexport function update(eid: i32): void { const speed = 1; pr| }'
    expect(at(text)?.words.map(({ label }) => label)).toEqual(
      expect.arrayContaining(['prey', 'update', 'eid', 'speed', 'sqrt', 'f32', 'return']),
    )
  })

  it('nothing in texts, comments and numbers', () => {
    for (const marked of ['log("heal|")', '// heal|', '/* heal|', '1|']) expect(at(marked)).toBeUndefined()
  })
})

describe('AssemblyScript explains', () => {
  const explain = (part: string) => assistance.explain(HUNTER, HUNTER.indexOf(part) + part.length - 1)
  const define = (part: string): number | undefined => {
    const found = assistance.define(HUNTER, HUNTER.indexOf(part) + part.length - 1)
    return found === undefined ? undefined : HUNTER.slice(0, found.from).split('\n').length
  }
  const lineOf = (part: string): number => HUNTER.slice(0, HUNTER.indexOf(part)).split('\n').length

  it('what comes from the game, from the language and from the script', () => {
    expect(explain('addHealth(h')).toBeUndefined()
    expect(explain('addHealth')).toMatchObject({ title: 'function addHealth(entity: Entity): void', fuel: '1 + 30' })
    expect(explain('sqrt')).toMatchObject({ text: 'the square root' })
    expect(explain('prey = entityOf')?.title).toBe('function entityOf(id: u32): Entity')
    expect(explain('let preyX')?.text).toBe('')
    expect(explain('let prey')?.text).toBe('The player and its position in this tick.')
    expect(explain('playerPosition.first')?.title).toContain('first()')
  })

  it('where a name of the script is defined', () => {
    expect(define('dx = preyX')).toBe(lineOf('let preyX'))
    expect(define('= spawn()\n  addHunter(hunter')).toBe(lineOf('const hunter'))
    expect(define('\n    setVelocityX')).toBe(lineOf('  setVelocityX,'))
    expect(define('max<f32>')).toBeUndefined()
  })
})
