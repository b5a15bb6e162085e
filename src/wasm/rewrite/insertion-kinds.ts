/**
 * What inserted code does. The argument of an insertion depends on it:
 *
 * | kinds                       | what they do                                                                                   | argument |
 * | --------------------------- | ---------------------------------------------------------------------------------------------- | -------- |
 * | `entry`, `loop`             | charge for a basic block at the start of a function or loop, and end the script without fuel   | units of fuel |
 * | `block`                     | charges for another basic block, or gives back what was paid ahead                             | units of fuel |
 * | `counted`, `countedEnd`     | begin and end the part of a loop that is charged ahead                                         | its place in the counted loops of the function |
 * | `exit`                      | replaces a branch out of it                                                                    | the label |
 * | `bytes`                     | charges for a bulk instruction whose size is on the stack                                      | the memory |
 * | `elements`                  | the same                                                                                       | the table |
 * | `pages`                     | the same for a `memory.grow`                                                                   | the most pages that a memory may have |
 * | `tableGrow`                 | charges for copying a table                                                                    | the table |
 * | `throw`                     | charges for the frames that an exception may unwind                                            | 0 |
 * | `call`                      | sets the depth before a call, and checks the fuel if so decided                                | the called function, -1 if it is not known |
 * | `hostCall`                  | sets the depth before a call of the host, which may call the module back                        | 0 |
 * | `hostReturned`              | reads and checks the fuel after a call of the host                                             | 0 |
 * | `tailCall`                  | saves the fuel and restores the caller's depth before a tail call                              | 0 |
 * | `inline`                    | replaces a call of an import                                                                   | the import |
 * | `global`                    | replaces an access to a global whose index shifts                                              | its index in the original module |
 * | `save`                      | saves the fuel before an instruction that may trap or throw                                    | 0 |
 * | `leave`                     | saves the fuel before a branch out of the function and before its end                          | 0 |
 * | `return`                    | the same before a `return`                                                                     | the number of open blocks |
 * | `probe`                     | writes what a trace records                                                                    | its place in the probes of the function |
 */
export const entry = 0
export const loop = 1
export const block = 2
export const counted = 3
export const countedEnd = 4
export const exit = 5
export const bytes = 6
export const elements = 7
export const pages = 8
export const tableGrow = 9
const throwKind = 10
export const call = 11
export const hostReturned = 12
export const tailCall = 13
export const inline = 14
export const global = 15
export const save = 16
export const leave = 17
const returnKind = 18
export const probe = 19
export const hostCall = 20

export { returnKind as return, throwKind as throw }
