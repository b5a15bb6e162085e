import type { Outline } from './outline.ts'

/** Returns the range that can be folded at a line, which begins and ends at the given positions. */
export function foldAt(
  { forms, comments, text }: Outline,
  from: number,
  to: number,
): { readonly from: number; readonly to: number } | undefined {
  // A form is folded where it begins; of several that begin in a line, the first that goes on after it.
  const form = forms.find((each) => each.from >= from && each.from < to && each.to > to && each.isClosed)
  if (form !== undefined) return { from: to, to: form.isBlock ? text.lastIndexOf('end', form.to) : form.to - 1 }
  const block = comments.find((each) => each.isBlock && each.from >= from && each.from < to && each.to > to)
  return block === undefined ? undefined : { from: to, to: block.to - 2 }
}
