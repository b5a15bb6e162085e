import jsep from 'jsep'
import { ScriptError } from '../../errors.ts'
import { abbreviate } from '../../printable.ts'

/** A number, or an i64. */
export type Value = number | bigint

/** Where an expression finds its names. */
export interface ExpressionNames {
  /** Returns a local, or something else that has a name; `undefined` if there is none. */
  readonly local: (name: string) => Value | undefined
  /** Returns a field, such as `Health.points`, of an entity, or of the one at hand if none is given; `undefined` if there is none. */
  readonly field: (field: string, entity: number | undefined) => number | undefined
}

/** An expression that was read. */
export interface Expression {
  /** The names of the locals in it. */
  readonly locals: ReadonlySet<string>
  /** The names of the fields in it, such as `Health.points`. */
  readonly fields: ReadonlySet<string>
  /** Throws `InvalidOptions` for a name that there is not. */
  readonly evaluate: (names: ExpressionNames) => Value
}

type Node = jsep.CoreExpression

/** Characters of an expression. A longer one could nest too deeply to be read. */
const MAX_LENGTH = 1000
const GRAMMAR = 'numbers, locals, Field.name, Field.name[entity], + - * / % == != < <= > >= && || ! ( )'

/** Reads an expression of locals and fields, such as `points < 0 && Position.x[eid] > 5`. Throws `InvalidOptions`. */
export function readExpression(text: string): Expression {
  if (text.length > MAX_LENGTH) refuse(text, `it has more than ${MAX_LENGTH} characters`)
  let node: Node
  try {
    node = jsep(text) as Node
  } catch (cause) {
    return refuse(text, cause instanceof Error ? cause.message : String(cause))
  }
  const found = { locals: new Set<string>(), fields: new Set<string>() }
  check(text, node, found)
  return { ...found, evaluate: (names) => evaluate(node, names) }
}

function refuse(text: string, why: string): never {
  throw new ScriptError('InvalidOptions', `the expression '${abbreviate(text)}' cannot be read: ${why}. Write ${GRAMMAR}`)
}

const OPERATORS: Readonly<Record<string, (left: Value, right: Value) => Value | boolean>> = {
  '+': arithmetic(
    (left, right) => left + right,
    (left, right) => left + right,
  ),
  '-': arithmetic(
    (left, right) => left - right,
    (left, right) => left - right,
  ),
  '*': arithmetic(
    (left, right) => left * right,
    (left, right) => left * right,
  ),
  '/': arithmetic(
    (left, right) => left / right,
    (left, right) => (right === 0n ? 0n : left / right),
  ),
  '%': arithmetic(
    (left, right) => left % right,
    (left, right) => (right === 0n ? 0n : left % right),
  ),
  // Numbers and i64 are compared by their values.
  // biome-ignore lint/suspicious/noDoubleEquals: 1n == 1
  '==': (left, right) => left == right,
  '===': (left, right) => OPERATORS['==']?.(left, right) ?? false,
  // biome-ignore lint/suspicious/noDoubleEquals: 1n == 1
  '!=': (left, right) => left != right,
  '!==': (left, right) => OPERATORS['!=']?.(left, right) ?? false,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
}

/** Computes with i64 if both sides are whole numbers and one is an i64. */
function arithmetic(numbers: (left: number, right: number) => number, wide: (left: bigint, right: bigint) => bigint) {
  return (left: Value, right: Value): Value => {
    const isWide = typeof left === 'bigint' || typeof right === 'bigint'
    const isWhole = [left, right].every((side) => typeof side === 'bigint' || Number.isSafeInteger(side))
    return isWide && isWhole ? wide(BigInt(left), BigInt(right)) : numbers(Number(left), Number(right))
  }
}

/** Returns the field that a node names, such as `Health.points`. */
function fieldOf(node: Node): string | undefined {
  if (node.type !== 'MemberExpression' || node.computed) return undefined
  const { object, property } = node as jsep.MemberExpression
  return object.type === 'Identifier' && property.type === 'Identifier' ? `${object.name}.${property.name}` : undefined
}

/** Throws for what is no part of an expression. Adds the names in it to `found`. */
function check(text: string, node: Node, found: { readonly locals: Set<string>; readonly fields: Set<string> }): void {
  switch (node.type) {
    case 'Literal':
      if (typeof node.value !== 'number' && typeof node.value !== 'boolean') refuse(text, `${node.raw} is no number`)
      return
    case 'Identifier':
      found.locals.add(plainName(node.name))
      return
    case 'UnaryExpression':
      if (!['-', '+', '!'].includes(node.operator)) refuse(text, `there is no operator ${node.operator}`)
      check(text, node.argument as Node, found)
      return
    case 'BinaryExpression': {
      const { operator } = node
      if (operator !== '&&' && operator !== '||' && OPERATORS[operator] === undefined) refuse(text, `there is no operator ${operator}`)
      check(text, node.left as Node, found)
      check(text, node.right as Node, found)
      return
    }
    case 'MemberExpression': {
      const field = fieldOf(node.computed ? (node.object as Node) : node)
      if (field === undefined) refuse(text, 'a field is a component and a field, such as Health.points[12]')
      found.fields.add(field)
      if (node.computed) check(text, node.property as Node, found)
      return
    }
    default:
      refuse(text, node.type === 'Compound' ? 'it is empty, or several' : 'it does more than read')
  }
}

/** WAT writes locals with a dollar. */
function plainName(name: string): string {
  return name.replace(/^\$/, '')
}

function evaluate(node: Node, names: ExpressionNames): Value {
  switch (node.type) {
    case 'Literal':
      return Number(node.value)
    case 'Identifier': {
      const name = plainName(node.name)
      return names.local(name) ?? missing(`there is no local '${name}' here`)
    }
    case 'UnaryExpression': {
      const value = evaluate(node.argument as Node, names)
      if (node.operator === '!') return value ? 0 : 1
      return node.operator === '-' ? -value : value
    }
    case 'BinaryExpression': {
      const left = evaluate(node.left as Node, names)
      if (node.operator === '&&') return left ? evaluate(node.right as Node, names) : left
      if (node.operator === '||') return left ? left : evaluate(node.right as Node, names)
      const result = OPERATORS[node.operator]?.(left, evaluate(node.right as Node, names)) ?? 0
      return typeof result === 'boolean' ? Number(result) : result
    }
    case 'MemberExpression': {
      const own = fieldOf(node)
      if (own !== undefined)
        return names.field(own, undefined) ?? missing(`there is no field '${own}', or no entity at hand: name one, as in ${own}[12]`)
      const field = fieldOf(node.object as Node) ?? ''
      const entity = Number(evaluate(node.property as Node, names))
      return names.field(field, entity) ?? missing(`there is no field '${field}' of entity ${entity}`)
    }
    default:
      return missing('it cannot be evaluated')
  }
}

function missing(what: string): never {
  throw new ScriptError('InvalidOptions', what)
}
