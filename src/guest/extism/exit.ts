import { ScriptError } from '../../errors.ts'

/** Thrown by `proc_exit`, which ends the call. Code 0 is no error where a function of a plugin exits. */
export class ExitError extends ScriptError {
  readonly exitCode: number

  constructor(exitCode: number) {
    super('GuestError', `the plugin exited with code ${exitCode}`)
    this.exitCode = exitCode
  }
}
