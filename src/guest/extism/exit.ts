/** Thrown by `proc_exit`, which ends the call. Code 0 is no error. */
export class ExitError extends Error {
  readonly exitCode: number

  constructor(exitCode: number) {
    super(`the plugin exited with code ${exitCode}`)
    this.exitCode = exitCode
  }
}
