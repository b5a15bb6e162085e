/** The last line of the head of a file that `bitscript bindings` wrote, with the hash of all text after it. */
export const GENERATED_HEAD: RegExp = /^(?:\/\/|;;) bitscript bindings, content ([0-9a-f]{16})\r?\n/m
/** Characters of a file among which the head is. */
const HEAD_LENGTH = 400

/** Returns whether a text is one that `bitscript bindings` wrote, which scripts are written with and which is no script. */
export function isGenerated(text: string): boolean {
  return GENERATED_HEAD.test(text.slice(0, HEAD_LENGTH))
}
