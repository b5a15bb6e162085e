/** An edit of a script that demonstrates live editing. */
export interface Example {
  readonly label: string
  /** The label of the button while the edit is applied. Without it, the button stays pressed instead. */
  readonly mend?: string
  readonly script: string
  /** Returns the text with the edit; `undefined` unless the part to replace occurs exactly once. */
  apply(text: string): string | undefined
  /** Returns the text without the edit; `undefined` unless the edit occurs exactly once. */
  revert(text: string): string | undefined
}

/** The examples in the order of their buttons. */
export const EXAMPLES: readonly Example[] = [
  example('hunter', 'Make the swarm flee', '(global $speed f32 (f32.const 60))', '(global $speed f32 (f32.const -60))'),
  example(
    'player',
    'Double the fire rate',
    '(global $seconds_between_shots f32 (f32.const 0.12))',
    '(global $seconds_between_shots f32 (f32.const 0.06))',
  ),
  example('gun', 'Bigger shots', '(global $bullets_a_shot i32 (i32.const 3))', '(global $bullets_a_shot i32 (i32.const 7))'),
  example(
    'hunter',
    'Break it on purpose',
    '(global $prey (mut i32) (i32.const 0))',
    '(global $prey (mut i32) (i32.cost 0))',
    'Mend what is broken',
  ),
  example(
    'hunter',
    'Trap on purpose',
    '(local $dx f32) (local $dy f32) (local $scale f32) (local $turn f32)\n',
    '(local $dx f32) (local $dy f32) (local $scale f32) (local $turn f32)\n    (drop (i32.div_s (local.get $eid) (i32.const 0)))\n',
    'Mend the trap',
  ),
]

function example(script: string, label: string, before: string, after: string, mend?: string): Example {
  const revert = (text: string): string | undefined => replaceOnce(text, after, before)
  return {
    label,
    script,
    ...(mend !== undefined && { mend }),
    apply: (text) => (revert(text) === undefined ? replaceOnce(text, before, after) : undefined),
    revert,
  }
}

/** Replaces a part of a text. Returns `undefined` unless the part occurs exactly once. */
function replaceOnce(text: string, before: string, after: string): string | undefined {
  const at = text.indexOf(before)
  if (at < 0 || text.includes(before, at + 1)) return undefined
  return text.slice(0, at) + after + text.slice(at + before.length)
}
