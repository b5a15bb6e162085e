import { Snapshot } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { contextOf } from '../../../src/ecs/components/bitecs-internals.ts'
import { type Content, forgeSnapshot } from '../../fixtures/forge.ts'
import { createForgedScene } from '../../fixtures/forged-scene.ts'
import { fuzzSnapshots } from './forged-snapshot-fuzz.ts'

const scene = createForgedScene()
const whole = scene.then(({ runtime }) => runtime.snapshot().toBytes())

/** What restoring a forged file gave, after a check that nothing changed if it was refused. */
async function restoreForged(change: (content: Content) => unknown): Promise<string> {
  const { runtime } = await scene
  const before = runtime.snapshot().toBytes()
  const forged = forgeSnapshot(await whole, change)
  let outcome: string
  try {
    runtime.restore(Snapshot.fromBytes(forged))
    outcome = 'accepted'
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    outcome = `${code}: ${message}`
    expect(Buffer.compare(runtime.snapshot().toBytes(), before), `${outcome}: the game changed`).toBe(0)
  }
  expect(({} as { evil?: unknown }).evil).toBeUndefined()
  runtime.restore(Snapshot.fromBytes(await whole))
  return outcome
}

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels))
const script = (content: Content): Content => content.scripts[0]
const column = (content: Content): Content => content.fields[0][1][0][1]
const plain = (content: Content): Content => content.fields[2][1]
const words = (bytes: Uint8Array): Uint32Array => new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)

describe('a forged snapshot with a right checksum is refused', () => {
  const cases: Readonly<Record<string, (content: Content) => unknown>> = {
    'of no content': () => [null],
    'of a list': () => [],
    'with an entry that nobody knows': (c) => {
      c.extra = 1
    },
    'without ids': (c) => {
      delete c.ids
    },
    'with a text as tick': (c) => {
      c.tick = 'x'
    },
    'with a tick below 0': (c) => {
      c.tick = -5
    },
    'with a tick that cannot be counted on': (c) => {
      c.tick = Number.MAX_SAFE_INTEGER
    },
    'with a generation that cannot be counted on': (c) => {
      script(c).generation = Number.MAX_SAFE_INTEGER
    },
    'with a message whose data is an integer that JSON has not': (c) => {
      c.messages[1][0].data = 5n
    },
    'with a message whose data nests too deeply': (c) => {
      c.messages[1][0].data = nested(512)
    },
    'with a message that is too large': (c) => {
      c.messages[1][0].data = 'x'.repeat(6000)
    },
    'with too many messages': (c) => {
      c.messages[1] = Array.from({ length: 11 }, () => c.messages[1][0])
    },
    'with too many replies': (c) => {
      c.messages[1] = Array.from({ length: 11 }, () => ({ kind: 'reply', to: 'post', from: 'post', id: 1, data: null }))
    },
    'with messages that are too large together': (c) => {
      for (const message of c.messages[1]) message.data = 'x'.repeat(3000)
    },
    'with requests that cannot be counted on': (c) => {
      c.messages[0] = Number.MAX_SAFE_INTEGER
    },
    'with a message that is neither a message nor a reply': (c) => {
      c.messages[1][0].kind = 'x'
    },
    'with hooks that wait for what is no entity': (c) => {
      c.scripts.at(-1).hooks[0] = [-1]
    },
    'with a time that is no number': (c) => {
      c.time = Number.NaN
    },
    'with a time that is a bigint': (c) => {
      c.time = 5n
    },
    'with more living entities than ids': (c) => {
      c.alive = 1e9
    },
    'with fewer living entities than none': (c) => {
      c.alive = -1
    },
    'with a greatest id below 0': (c) => {
      c.maxId = -7
    },
    'with a fractional greatest id': (c) => {
      c.maxId = 1.5
    },
    'with a greatest id that no list has': (c) => {
      c.maxId = 900
    },
    'with two entities of one id': (c) => {
      words(c.ids).fill(1)
    },
    'with entities past the greatest': (c) => {
      words(c.ids).fill(0xffff_fff0)
    },
    'with entities whose ids have a version': (c) => {
      words(c.ids)[0] = (words(c.ids)[0] as number) | 0x100_0000
    },
    'with an odd number of bytes of ids': (c) => {
      c.ids = c.ids.subarray(1)
    },
    'with births of entities that do not come': (c) => {
      c.births[1][1] = Number.NaN
    },
    'with births that are no list': (c) => {
      c.births = [1, 2]
    },
    'with owners that are no bits': (c) => {
      c.owners = [['Position', 5]]
    },
    'with owners that are too few bits': (c) => {
      c.owners[0][1] = c.owners[0][1].subarray(1)
    },
    'with owners that do not exist': (c) => {
      c.owners[0][1].fill(255)
    },
    'with an unknown relation': (c) => {
      c.relations.push('Hates')
    },
    'with names of components that are numbers': (c) => {
      c.names[0] = 5
    },
    'with the name of a component twice': (c) => {
      c.names[1] = c.names[0]
    },
    'with names that no entity has': (c) => {
      c.names.push('Likes(5)')
    },
    'with a relation to an entity that is not there': (c) => {
      c.names[c.names.indexOf('Likes(4)')] = 'Likes(900)'
    },
    'with relations that are cut': (c) => {
      c.order = c.order.slice(0, -4)
    },
    'with relations of an entity that is not there': (c) => {
      words(c.order)[0] = 900
    },
    'with relations without end': (c) => {
      words(c.order)[1] = 0xffff_ffff
    },
    'with relations that no name has': (c) => {
      words(c.order)[2] = 900
    },
    'with relations of too great entities': (c) => {
      words(c.related)[0] = 900
    },
    'with a pair that is owned as a component': (c) => {
      c.owners[0][0] = 'Likes(4)'
    },
    'with data of a pair that is not there': (c) => {
      c.fields[3][0] = 'Likes(900)'
    },
    'with data of a pair of another kind': (c) => {
      c.fields[3][1][0][1] = { kind: 'value', value: 1 }
    },
    'with data of a pair of another type': (c) => {
      c.fields[3][1][1][1].type = 'Int32Array'
    },
    'with a query without members': (c) => {
      c.queries = [[['Position'], null, null]]
    },
    'with a query whose terms are a text': (c) => {
      c.queries[0][0] = 'Position'
    },
    'with a query of an entity twice': (c) => {
      words(c.queries.find(([, members]: Content) => members.length > 4)[1]).fill(1)
    },
    'with a query that loses an entity it has not': (c) => {
      c.queries[0][2] = new Uint8Array([200, 0, 0, 0])
    },
    'with versions of too many entities': (c) => {
      c.deaths = new Uint8Array(40_000)
    },
    'with another type of a column': (c) => {
      column(c).type = 'Float64Array'
    },
    'with a type of a column that is a list': (c) => {
      column(c).type = ['Float32Array']
    },
    'with a column of an endless length': (c) => {
      column(c).length = 1e12
    },
    'with a column of a fractional length': (c) => {
      column(c).length = 4001
    },
    'with a column that is one value': (c) => {
      c.fields[0][1][0][1] = { kind: 'value', value: 1 }
    },
    'with a column that is a list': (c) => {
      c.fields[0][1][0][1] = { kind: 'list', length: 1, entries: [] }
    },
    'with a field of an unknown kind': (c) => {
      c.fields[0][1][0][1] = { kind: 'zzz' }
    },
    'with a field that its component has not': (c) => {
      c.fields[0][1].push(['newfield', { kind: 'value', value: 1 }])
    },
    'with a field named __proto__': (c) => {
      c.fields[0][1].push(['__proto__', { kind: 'value', value: { evil: 1 } }])
    },
    'with fields of an unknown component': (c) => {
      c.fields[0][0] = 'constructor'
    },
    'with fields of a component twice': (c) => {
      c.fields.push(c.fields[2])
    },
    'with a list of 4,000,000,000 elements that are not there': (c) => {
      plain(c)[0][1] = { kind: 'list', length: 4e9, entries: [] }
    },
    'with lists that together are as long': (c) => {
      for (let count = 0; count < 1000; count++) plain(c).push([`more${count}`, { kind: 'list', length: 4e6, entries: [] }])
    },
    'with a long list of zeros': (c) => {
      plain(c).push(['more', { kind: 'typed', type: 'Uint8Array', length: 2 ** 33, bytes: new Uint8Array(1) }])
    },
    'with elements past the length of their list': (c) => {
      plain(c)[0][1] = { kind: 'list', length: 1, entries: [['5', 1]] }
    },
    'with elements of a list that are no elements': (c) => {
      plain(c)[0][1] = { kind: 'list', length: 9, entries: [['__proto__', 1]] }
    },
    'with elements of a list out of order': (c) => {
      plain(c)[0][1] = {
        kind: 'list',
        length: 9,
        entries: [
          ['2', 1],
          ['1', 1],
        ],
      }
    },
    'with a schema that names what objects inherit': (c) => {
      c.schema.constructor = { x: 'f32' }
    },
    'with a schema that is a list': (c) => {
      c.schema = []
    },
    'with states that are no list': (c) => {
      c.states = 5
    },
    'with a state that is a text': (c) => {
      c.states = [[1, 'x']]
    },
    'with an event without a name': (c) => {
      c.events = [[5, 'x', null]]
    },
    'with an event whose numbers are texts': (c) => {
      c.events = [['hit', ['1'], null]]
    },
    'with more events than a game may queue': (c) => {
      c.events = Array.from({ length: 10_001 }, () => ['hit', [], 'counter'])
    },
    'with a script that is none': (c) => {
      c.scripts = [null]
    },
    'with two scripts of one name': (c) => {
      c.scripts[1] = c.scripts[0]
    },
    'with a script of an unknown status': (c) => {
      script(c).status = 'weird'
    },
    'with a script that has the fault of another status': (c) => {
      script(c).fault = ['Trap', 'it is well']
    },
    'with a script that has an unknown fault': (c) => {
      script(c).status = 'faulted'
      script(c).fault = ['Nope', 5]
    },
    'with a script whose entity is a thing of the game': (c) => {
      script(c).entity = 3
    },
    'with two scripts of one entity': (c) => {
      script(c).entity = c.scripts[1].entity
    },
    'with a script whose entity is out of range': (c) => {
      script(c).entity = 1e15
    },
    'with a script of a generation that is none': (c) => {
      script(c).generation = 'NaN'
    },
    'with a script of few random bits': (c) => {
      script(c).random = c.ids.slice(0, 8)
    },
    'with a script that was told nothing readable': (c) => {
      script(c).told = 'x'
    },
    'with a script that knows too many entities': (c) => {
      script(c).told = new Uint8Array(40_000)
    },
    'with a script whose changes are out of range': (c) => {
      script(c).changed = [-1, 1e9, 'x', 2 ** 31]
    },
    'with a script whose changes are past the greatest': (c) => {
      script(c).changed = [900]
    },
    'with a script whose results are not whole': (c) => {
      script(c).results = [['x']]
    },
    'with a script whose results are out of range': (c) => {
      words(script(c).results[0][1]).fill(0x7fff_fff0)
    },
    'with instances of entities for a script that has one instance': (c) => {
      script(c).entities = [[3, script(c).own]]
    },
    'with two instances of one entity': (c) => {
      c.scripts[1].entities.push(c.scripts[1].entities[0])
    },
    'with an instance of an entity that is out of range': (c) => {
      c.scripts[1].entities[0][0] = 1e15
    },
    'with an instance without memories': (c) => {
      script(c).own.memories = []
    },
    'with an instance of memories that are cut': (c) => {
      const [parts] = script(c).own.memories
      parts[0] = parts[0].subarray(1)
    },
    'with an instance of another number of parts': (c) => {
      const [parts] = script(c).own.memories
      parts.push(parts[0], parts[0])
    },
    'with an instance of more memories': (c) => {
      script(c).own.memories.push(script(c).own.memories[0])
    },
    'with an instance of a memory that is too large': (c) => {
      c.scripts[1].own.memories[0] = [new Uint8Array(65_536 * 600)]
    },
    'with an instance of an entity that is not whole': (c) => {
      c.scripts[1].entities[1][1].memories = [[]]
    },
    'with an instance without globals': (c) => {
      script(c).own.globals = []
    },
    'with an instance whose globals are texts': (c) => {
      script(c).own.globals = [[0, 'str']]
    },
    'with an instance whose i32 is a bigint': (c) => {
      script(c).own.globals[0][1] = 5n
    },
    'with an instance whose i32 is fractional': (c) => {
      script(c).own.globals[0][1] = 0.5
    },
    'with an instance whose i64 is a number': (c) => {
      script(c).own.globals[1][1] = 5
    },
    'with an instance whose i64 is longer': (c) => {
      script(c).own.globals[1][1] = 2n ** 64n
    },
    'with an instance whose global is a function': (c) => {
      script(c).own.globals[0][1] = [0]
    },
    'with an instance without vectors': (c) => {
      script(c).own.vectors = []
    },
    'with an instance of tables that are no tables': (c) => {
      script(c).own.tables = [[null, 'x']]
    },
    'with an instance of tables that are too short': (c) => {
      script(c).own.tables = [[null]]
    },
    'with an instance of tables that are too long': (c) => {
      script(c).own.tables = [Array.from({ length: 20_000 }, () => null)]
    },
    'with an instance of tables of numbers': (c) => {
      script(c).own.tables = [[1, 2]]
    },
  }

  it.each(Object.entries(cases))('%s', async (_, change) => {
    expect(await restoreForged(change)).toMatch(/^StateRejected: /)
  })
})

it('a snapshot that is forged anywhere is refused whole, or is a game', () => fuzzSnapshots(100))

it('a forged snapshot of very many queries adds few, and makes no pairs for them', async () => {
  const { world, runtime } = await createForgedScene()
  const { componentMap, queries } = contextOf(world)
  const [components, before] = [componentMap.size, queries.size]
  const forged = forgeSnapshot(runtime.snapshot().toBytes(), (c) => {
    const none = new Uint8Array()
    for (let number = 1; number <= 1000; number++) {
      c.queries.push([[`!Likes(${number + 10})`, 'Position'], none, none], [Array.from({ length: number }, () => 'Position'), none, none])
    }
  })
  runtime.restore(Snapshot.fromBytes(forged))
  expect(queries.size).toBeGreaterThan(before)
  expect(queries.size).toBeLessThanOrEqual(256)
  expect(componentMap.size).toBe(components)
})

it('a forged snapshot of very many restarts has no more than its script is allowed, and none that are to come', async () => {
  const { runtime } = await createForgedScene()
  const later = forgeSnapshot(runtime.snapshot().toBytes(), (c) => {
    c.scripts.at(-1).restarts = [0, ...Array.from({ length: 1000 }, () => 1), 2 ** 40]
  })
  runtime.restore(Snapshot.fromBytes(later))
  let restarts: unknown
  forgeSnapshot(runtime.snapshot().toBytes(), (c) => {
    restarts = c.scripts.at(-1).restarts
  })
  expect(restarts).toEqual([1, 1])
})
