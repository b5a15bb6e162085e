/** Something that a file in AssemblyScript declares. */
export interface Declaration {
  readonly name: string
  /** The line that declares it: `function positionX(entity: Entity): f32`. */
  readonly signature: string
  /** The comment above it. */
  readonly text: string
  /** What a call costs beside the instruction, if the comment says so. */
  readonly price: number | undefined
  /** What is declared inside: the members of a class or a namespace. */
  readonly members: readonly Declaration[]
  readonly isExported: boolean
  /** Where its name begins. */
  readonly at: number
}

const DECLARED =
  /^(\s*)(export )?(?:declare )?(?:abstract )?((?:function|class|namespace|enum|const|let|var|type|static|get|set|private) )?(\w+)\b(.*)$/
const FUEL = / ?\(fuel (\d+)\)/
/** The words that begin statements, which declare nothing. */
const STATEMENT = /^(?:if|for|while|switch|return|import|else|do|case|throw|break|continue|constructor)$/

/** Returns what a file in AssemblyScript declares outside of functions, in the order of the text. */
export function declarationsOf(text: string): Declaration[] {
  const found: (Declaration & { members: Declaration[] })[] = []
  let comment = ''
  let inComment = false
  let depth = 0
  let at = 0
  for (const line of text.split('\n')) {
    const trimmed = line.trim()
    const start = at
    at += line.length + 1
    if (inComment || trimmed.startsWith('/**')) {
      comment += ` ${trimmed
        .replace(/^\/\*\*|\*\/$|^\*/g, '')
        .replace(/\*\/$/, '')
        .trim()}`
      inComment = !trimmed.endsWith('*/')
      continue
    }
    if (trimmed.startsWith('//')) {
      if (!trimmed.startsWith('// @ts-ignore')) comment += ` ${trimmed.slice(2).trim()}`
      continue
    }
    if (trimmed.startsWith('@')) continue
    const match = depth <= 1 ? DECLARED.exec(line) : null
    if (match !== null) declare(match, start + line.indexOf(match[4] as string, (match[1] as string).length + (match[2]?.length ?? 0)))
    comment = ''
    depth += count(line, '{') - count(line, '}')
  }
  return found

  function declare([, , exported, kind, name = '', rest = '']: RegExpExecArray, place: number): void {
    const owner = depth === 1 ? found.at(-1) : undefined
    if (STATEMENT.test(name) || (depth === 0 && kind === undefined)) return
    // A member is a field, a method, or what a namespace exports.
    if (depth === 1 && (owner === undefined || !/^(?:class|namespace|enum) /.test(owner.signature) || !/^[(:?]/.test(rest.trimStart())))
      return
    if (kind === 'private ' || (depth === 1 && owner?.signature.startsWith('namespace') && exported === undefined)) return
    const signature = `${kind ?? ''}${name}${rest}`
      .replace(/\s*\{.*$/, '')
      .replace(/\s*=.*$/, (value) => (value.length < 24 ? value : ''))
      .trim()
    const price = FUEL.exec(comment)?.[1]
    const one = {
      ...{ name, signature, text: comment.replace(FUEL, '').replace(/\s+/g, ' ').trim(), members: [], isExported: exported !== undefined },
      ...{ price: price === undefined ? undefined : Number(price), at: place },
    }
    if (owner === undefined) found.push(one)
    else owner.members.push(one)
  }
}

function count(line: string, sign: string): number {
  return line.replace(/(["'`]).*?\1|\/\/.*$/g, '').split(sign).length - 1
}
