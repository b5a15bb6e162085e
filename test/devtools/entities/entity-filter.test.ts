import { describe, expect, it } from 'vitest'
import { type FilteredEntity, readFilter } from '../../../src/devtools/entities/entity-filter.ts'

const NAMES = {
  components: new Map([
    ['Position', ['x', 'y']],
    ['Health', ['points']],
    ['Dead', []],
  ]),
  relations: ['ChildOf'],
  scripts: ['hunter', 'mover'],
}
const ENTITIES: readonly FilteredEntity[] = [
  { id: 1, scripts: ['hunter'], components: { Position: { x: 5, y: -1 }, Health: { points: 3 } } },
  { id: 2, scripts: [], components: { Position: { x: 0, y: Number.NaN }, Dead: {} } },
  { id: 12, scripts: ['mover'], components: { Health: { points: 0 }, 'ChildOf(1)': {} } },
]
const found = (text: string): unknown => {
  const filter = readFilter(text, NAMES)
  return 'mistake' in filter ? filter.mistake : ENTITIES.filter((entity) => filter.matches(entity)).map(({ id }) => id)
}

describe('a filter of entities', () => {
  it.each([
    ['', [1, 2, 12]],
    ['1', [1, 12]],
    ['id=1', [1]],
    ['hunt', [1]],
    ['dead', [2]],
    ['childof', [12]],
    ['ChildOf(1)', "No component, relation or script has 'ChildOf(1)' in its name."],
    ['!Dead', [1, 12]],
    ['!Dead Position', [1]],
    ['! 1 !hunter', [2]],
    ['Position.x', [1, 2]],
    ['!position.X', [12]],
    ['Position.x>1', [1]],
    ['Position.x >= 0 Position.y != -1', [2]],
    ['health > 1', [1]],
    ['points <= 0', [12]],
    ['points<=3 health!=3', [12]],
    ['y = NaN', [2]],
    ['y == nan', [2]],
    ['x < -Infinity', []],
    ['x < Infinity', [1, 2]],
    ['!x > 1', [2, 12]],
  ])('%s', (text, expected) => {
    expect(found(text)).toEqual(expected)
  })

  it.each([
    ['ghost', "No component, relation or script has 'ghost' in its name."],
    ['> 3', "'> 3' needs a name before it, such as Position.x."],
    ['Dead !', "'!' needs a name before it, such as Position.x."],
    ['Position.x >', "'Position.x >' needs a number behind it."],
    ['Position.x > much', "'Position.x >' needs a number behind it."],
    ['Position.z', "No component has the field 'Position.z'. There are Position.x, Position.y."],
    ['Position.z = 1', "No component has the field 'Position.z'. There are Position.x, Position.y."],
    ['Position > 1', 'Position has several fields. There are Position.x, Position.y.'],
    ['Dead > 1', 'Dead has no fields to compare.'],
    ['speed > 1', "No component has the field 'speed'."],
  ])('tells what is wrong with %s', (text, mistake) => {
    expect(found(text)).toBe(mistake)
  })
})
